import PlumbModel

/// A CustomResourceDefinition that a plan creates: it says what objects of its kind look like before the server can.
struct CustomDefinition: Sendable {
    let kind: GroupKind
    let isNamespaced: Bool
    /// By version: the schema of its objects.
    private let schemas: [String: Value]

    /// Nil where the manifest is no definition.
    init?(_ manifest: Manifest) {
        guard manifest.groupKind == GroupKind(group: "apiextensions.k8s.io", kind: "CustomResourceDefinition"),
            let spec = manifest.value[key: "spec"], let group = spec[key: "group"]?.asString,
            let name = spec[key: "names"]?[key: "kind"]?.asString
        else { return nil }
        kind = GroupKind(group: group, kind: name)
        isNamespaced = spec[key: "scope"]?.asString != "Cluster"
        var schemas: [String: Value] = [:]
        for version in spec[key: "versions"]?.asList ?? [] where version[key: "served"]?.asBool != false {
            guard let name = version[key: "name"]?.asString else { continue }
            let common = spec[key: "validation"]?[key: "openAPIV3Schema"]
            schemas[name] = version[key: "schema"]?[key: "openAPIV3Schema"] ?? common ?? .object(ValueMap())
        }
        self.schemas = schemas
    }

    /// What is wrong with an object of the kind; empty for nothing.
    func problems(of manifest: Manifest) -> [String] {
        guard let schema = schemas[manifest.version.version] else {
            return [
                "the CustomResourceDefinition of \(kind) in this plan serves "
                    + "\(schemas.keys.sorted().joined(separator: ", ")), and not \(manifest.version.version)"
            ]
        }
        var problems: [String] = []
        for entry in manifest.value.asMap ?? ValueMap() where !["apiVersion", "kind", "metadata"].contains(entry.key) {
            let properties = schema[key: "properties"] ?? .null
            if let own = properties[key: entry.key] {
                check(entry.value, own, entry.key, &problems)
            } else if !keepsUnknown(schema) {
                problems.append(unknown(entry.key, properties))
            }
        }
        for name in (schema[key: "required"]?.asList ?? []).compactMap(\.asString) {
            if manifest.value[key: name] == nil, !["apiVersion", "kind", "metadata"].contains(name) {
                problems.append("\(name) is missing")
            }
        }
        return problems
    }

    private func keepsUnknown(_ schema: Value) -> Bool {
        schema[key: "x-kubernetes-preserve-unknown-fields"]?.asBool == true || schema[key: "properties"] == nil
    }

    private func unknown(_ path: String, _ properties: Value) -> String {
        let name = path.split(separator: ".").last.map(String.init) ?? path
        let names = (properties.asMap ?? ValueMap()).keys
        return "\(path) is no field of the kind.\(Suggestion.didYouMean(name, among: names))"
    }

    private func check(_ value: Value, _ schema: Value, _ path: String, _ problems: inout [String]) {
        if value.isNull || value.isUnknown { return }
        if let allowed = schema[key: "enum"]?.asList, !allowed.contains(where: { $0.isSame(as: value) }) {
            problems.append("\(path) must be one of \(allowed.map(\.json).joined(separator: ", "))")
        }
        let isNumberOrText = schema[key: "x-kubernetes-int-or-string"]?.asBool == true
        guard isNumberOrText ? value.asInt != nil || value.asString != nil : isOfType(value, schema) else {
            let wanted = isNumberOrText ? "integer or string" : schema[key: "type"]?.asString ?? ""
            problems.append("\(path) must be of the type \(wanted), but it is \(value.type.phrase)")
            return
        }
        if let minimum = schema[key: "minimum"]?.asNumber, let number = value.asNumber, number < minimum {
            problems.append("\(path) must be at least \(minimum)")
        }
        if let maximum = schema[key: "maximum"]?.asNumber, let number = value.asNumber, maximum < number {
            problems.append("\(path) must be at most \(maximum)")
        }
        for (index, element) in (value.asList ?? []).enumerated() {
            if let items = schema[key: "items"] { check(element, items, "\(path)[\(index)]", &problems) }
        }
        if let map = value.asMap { check(map, schema, path, &problems) }
    }

    private func check(_ map: ValueMap, _ schema: Value, _ path: String, _ problems: inout [String]) {
        let properties = schema[key: "properties"] ?? .null
        for entry in map {
            if let own = properties[key: entry.key] {
                check(entry.value, own, "\(path).\(entry.key)", &problems)
            } else if let others = schema[key: "additionalProperties"], others.asBool != false {
                if others.asMap != nil { check(entry.value, others, "\(path).\(entry.key)", &problems) }
            } else if !keepsUnknown(schema), schema[key: "x-kubernetes-embedded-resource"]?.asBool != true {
                problems.append(unknown("\(path).\(entry.key)", properties))
            }
        }
        for name in (schema[key: "required"]?.asList ?? []).compactMap(\.asString) where map[name] == nil {
            problems.append("\(path).\(name) is missing")
        }
    }

    private func isOfType(_ value: Value, _ schema: Value) -> Bool {
        switch schema[key: "type"]?.asString {
        case "string": value.asString != nil
        case "boolean": value.asBool != nil
        case "integer": value.asInt != nil
        case "number": value.asNumber != nil
        case "array": value.asList != nil
        case "object": value.asMap != nil
        default: true
        }
    }
}
