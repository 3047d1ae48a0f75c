import PlumbModel
import ProviderAPI

/// What objects of one kind look like, as OpenAPI describes it; tells what in a manifest does not fit.
struct ObjectSchema: Sendable {
    private let root: Value
    /// By name: what `$ref` leads to.
    private let definitions: ValueMap

    init(_ root: Value, definitions: ValueMap = ValueMap()) {
        self.root = root
        self.definitions = definitions
    }

    /// What is wrong with a manifest, from its attribute `manifest`.
    ///
    /// - Parameters:
    ///   - ignored: keys at the top that are checked elsewhere.
    ///   - needsAll: whether to tell what is missing too.
    func faults(in manifest: Value, ignoring ignored: Set<String>, needsAll: Bool) -> [AttributeFault] {
        var check = Check(definitions: definitions, needsAll: needsAll)
        let map = (manifest.asMap ?? ValueMap()).filter { !ignored.contains($0.key) }
        check.check(map, check.resolved(root), AttributePath("manifest"), ignoring: ignored)
        return check.faults
    }

    private struct Check {
        let definitions: ValueMap
        let needsAll: Bool
        private(set) var faults: [AttributeFault] = []

        init(definitions: ValueMap, needsAll: Bool) {
            self.definitions = definitions
            self.needsAll = needsAll
        }

        /// With references followed.
        func resolved(_ schema: Value) -> Value {
            var schema = schema
            for _ in 0..<32 {
                if let name = reference(schema) {
                    schema = definitions[name] ?? .null
                } else if let parts = schema[key: "allOf"]?.asList, parts.count == 1, schema[key: "properties"] == nil,
                    schema[key: "type"] == nil
                {
                    schema = parts[0]
                } else {
                    break
                }
            }
            return schema
        }

        private func reference(_ schema: Value) -> String? {
            schema[key: "$ref"]?.asString.flatMap { $0.split(separator: "/").last.map(String.init) }
        }

        private mutating func report(_ path: AttributePath, _ what: String, isKey: Bool = false) {
            let end = what.hasSuffix("?") || what.hasSuffix(".") ? "" : "."
            faults.append(AttributeFault(path, "\(Self.words(path)) \(what)\(end)", isKey: isKey))
        }

        /// Without the attribute that the manifest is.
        private static func words(_ path: AttributePath) -> String {
            AttributePath(Array(path.steps.dropFirst())).description
        }

        private mutating func reportUnknown(_ path: AttributePath, _ properties: Value) {
            guard case .key(let name)? = path.steps.last else { return }
            let names = (properties.asMap ?? ValueMap()).keys
            report(path, "is no field of the kind.\(Suggestion.didYouMean(name, among: names))", isKey: true)
        }

        mutating func check(_ value: Value, _ given: Value, _ path: AttributePath) {
            if value.isNull || value.isUnknown { return }
            let schema = resolved(given)
            if let allowed = schema[key: "enum"]?.asList, !allowed.contains(where: { $0.isSame(as: value) }) {
                let hint = value.asString.map { Suggestion.didYouMean($0, among: allowed.compactMap(\.asString)) } ?? ""
                return report(path, "must be one of \(allowed.map(\.json).joined(separator: ", ")).\(hint)")
            }
            let types = Types(schema, definition: reference(given) ?? reference(inside(given)))
            guard types.admit(value) else {
                return report(path, "must be of the type \(types.text), but it is \(value.type.phrase)")
            }
            if let minimum = schema[key: "minimum"]?.asNumber, let number = value.asNumber, number < minimum {
                report(path, "must be at least \(minimum)")
            }
            if let maximum = schema[key: "maximum"]?.asNumber, let number = value.asNumber, maximum < number {
                report(path, "must be at most \(maximum)")
            }
            if let items = schema[key: "items"] {
                for (index, element) in (value.asList ?? []).enumerated() {
                    check(element, items, path.appending(.index(index)))
                }
            }
            if let map = value.asMap { check(map, schema, path, ignoring: []) }
        }

        private func inside(_ schema: Value) -> Value { schema[key: "allOf"]?.asList?.first ?? .null }

        mutating func check(_ map: ValueMap, _ schema: Value, _ path: AttributePath, ignoring: Set<String>) {
            let properties = schema[key: "properties"] ?? .null
            let keepsUnknown =
                schema[key: "x-kubernetes-preserve-unknown-fields"]?.asBool == true
                || schema[key: "x-kubernetes-embedded-resource"]?.asBool == true || schema[key: "properties"] == nil
            for entry in map {
                let inner = path.appending(.key(entry.key))
                if let own = properties[key: entry.key] {
                    check(entry.value, own, inner)
                } else if let others = schema[key: "additionalProperties"], others.asBool != false {
                    if others.asMap != nil { check(entry.value, others, inner) }
                } else if !keepsUnknown {
                    reportUnknown(inner, properties)
                }
            }
            guard needsAll else { return }
            for name in (schema[key: "required"]?.asList ?? []).compactMap(\.asString)
            where map[name] == nil && !ignoring.contains(name) {
                report(path.appending(.key(name)), "is missing")
            }
        }
    }

    /// Which types of values fit.
    private struct Types {
        private let names: [String]

        init(_ schema: Value, definition: String?) {
            let isNumberOrText =
                schema[key: "x-kubernetes-int-or-string"]?.asBool == true
                || schema[key: "format"]?.asString == "int-or-string"
            if isNumberOrText {
                names = ["integer", "string"]
            } else if definition?.hasSuffix(".Quantity") == true {
                names = ["string", "number"]
            } else if let alternatives = schema[key: "oneOf"]?.asList ?? schema[key: "anyOf"]?.asList,
                schema[key: "type"] == nil
            {
                let types = alternatives.map { $0[key: "type"]?.asString }
                names = types.contains(nil) ? [] : types.compactMap(\.self)
            } else {
                names = schema[key: "type"]?.asString.map { [$0] } ?? []
            }
        }

        var text: String { names.joined(separator: " or ") }

        func admit(_ value: Value) -> Bool {
            names.isEmpty
                || names.contains { name in
                    switch name {
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
    }
}
