import Expressions
import PlumbModel

/// Reads one type of an API file: its schema and its operations.
struct TypeReader {
    private static let keys = [
        "summary", "key", "schema", "attributes", "read", "lookup", "list", "create", "update", "delete",
    ]

    private let name: String
    private let nameRange: SourceRange
    private var section: SectionReader
    private let settings: NameCheck

    var problems: Diagnostics { section.problems }

    init(_ entry: SpecificationNode.Entry, _ settings: NameCheck) {
        name = entry.key
        nameRange = entry.keyRange
        section = SectionReader(entry.value, "the type \(entry.key)", keys: TypeReader.keys)
        self.settings = settings
    }

    /// Nil only if problems were found.
    mutating func read() -> TypeDescription? {
        _ = section.text("summary")
        let schema = readSchema()
        let names = NameCheck(
            roots: [.own, .canonical], attributes: schema.attributes.map(\.name), variables: settings.variables)
        let key = readKey(schema)
        let attributes = readAttributes(schema, names)
        guard let read = operation("read", names, isRequired: true),
            let create = operation("create", names, isRequired: true),
            let delete = operation("delete", names, isRequired: true)
        else { return nil }
        let update = operation("update", names.with(.prior))
        return TypeDescription(
            name: name, schema: schema.replacing(always: update == nil), key: key, attributes: attributes, read: read,
            lookup: operation("lookup", names) ?? read, list: readList(names), create: create, update: update,
            delete: delete, hidesResponses: schema.attributes.contains(where: \.isSensitive))
    }

    private mutating func operation(_ key: String, _ names: NameCheck, isRequired: Bool = false) -> Operation? {
        guard let node = section.node[key] else {
            if isRequired {
                section.report(
                    "Missing key", "the type \(name) must say how to \(key): \"\(key):\" is missing.", at: nameRange)
            }
            return nil
        }
        var reader = OperationReader(node, key, of: name, names)
        defer { section.adopt(reader.problems) }
        return reader.read()
    }

    private mutating func readList(_ names: NameCheck) -> ListOperation? {
        guard let node = section.node["list"] else { return nil }
        var reader = OperationReader(node, "list", of: name, names)
        defer { section.adopt(reader.problems) }
        return reader.readList()
    }

    private mutating func readKey(_ schema: Schema) -> [String] {
        let key = section.texts("key")
        if key.isEmpty {
            section.report(
                "Missing key",
                "the type \(name) must have \"key\": the attributes that tell one resource from another, as in "
                    + "key: [name].", at: nameRange)
        }
        for part in key where schema[part.text]?.isSettable != true {
            section.report(
                "Invalid key",
                "\"\(part.text)\" is no attribute of \(name) that a spec can give."
                    + Suggestion.didYouMean(part.text, among: schema.attributes.map(\.name)), at: part.range)
        }
        return key.map(\.text)
    }

    private mutating func readAttributes(_ schema: Schema, _ names: NameCheck) -> [String: ValueExpression] {
        guard let node = section.node["attributes"] else { return [:] }
        var attributes = SectionReader(node, "attributes of \(name)", keys: schema.attributes.map(\.name))
        var read: [String: ValueExpression] = [:]
        for entry in attributes.entries {
            read[entry.key] = attributes.expression(entry.value, names.with(.live))
        }
        section.adopt(attributes.problems)
        return read
    }

    private mutating func readSchema() -> Schema {
        guard let node = section.node["schema"] else {
            section.report("Missing key", "the type \(name) must have a \"schema\".", at: nameRange)
            return Schema([])
        }
        var schema = SectionReader(node, "the schema of \(name)", keys: nil)
        let attributes = schema.entries.map { entry in
            var attribute = AttributeReader(entry)
            defer { schema.adopt(attribute.problems) }
            return attribute.read()
        }
        section.adopt(schema.problems)
        return Schema(attributes)
    }
}

/// Reads one attribute of a type's schema.
private struct AttributeReader {
    private static let keys = [
        "type", "required", "optional", "computed", "default", "forces_replacement", "sensitive", "write_only",
        "volatile",
        "normalise", "summary",
    ]

    private let name: String
    private let range: SourceRange
    private var section: SectionReader

    var problems: Diagnostics { section.problems }

    init(_ entry: SpecificationNode.Entry) {
        name = entry.key
        range = entry.keyRange
        section = SectionReader(entry.value, "the attribute \(entry.key)", keys: AttributeReader.keys)
    }

    mutating func read() -> AttributeSchema {
        let type = readType()
        let presence = readPresence()
        let defaultValue = readDefault(type)
        if defaultValue != nil, presence != .optional {
            section.report(
                "Contradicting keys",
                "the attribute \(name) has a default, so that it can be neither required nor "
                    + "computed.", at: range)
        }
        return AttributeSchema(
            name, type, presence, default: defaultValue,
            forcesReplacement: section.flag("forces_replacement") ?? false,
            sensitive: section.flag("sensitive") ?? false, writeOnly: readWriteOnly(presence),
            volatile: section.flag("volatile") ?? false,
            normalisation: readNormalisation(), section.text("summary") ?? "")
    }

    private mutating func readWriteOnly(_ presence: AttributeSchema.Presence) -> Bool {
        let isWriteOnly = section.flag("write_only") ?? false
        if isWriteOnly, presence != .required, presence != .optional {
            section.report(
                "Contradicting keys",
                "the attribute \(name) is write_only, so that nobody reads it, and computed. Remove one.", at: range)
        }
        return isWriteOnly
    }

    private mutating func readType() -> ValueType {
        let text = section.requiredText("type")
        if let type = ValueType(parsing: text) { return type }
        if !text.isEmpty {
            section.report(
                "Invalid type",
                "\"\(text)\" is no type. Types are string, number, bool, list(...), set(...), "
                    + "map(...), object({...}).", at: section.node["type"]?.range ?? range)
        }
        return .any
    }

    private mutating func readPresence() -> AttributeSchema.Presence {
        let isRequired = section.flag("required") ?? false
        let isComputed = section.flag("computed") ?? false
        let isOptional = section.flag("optional") ?? !isComputed
        if isRequired, isComputed {
            section.report(
                "Contradicting keys",
                "the attribute \(name) is both required and computed; write optional and "
                    + "computed where the server fills in what the spec leaves out.", at: range)
        }
        if isRequired { return .required }
        return isComputed ? (isOptional ? .optionalComputed : .computed) : .optional
    }

    private mutating func readDefault(_ type: ValueType) -> Value? {
        guard let node = section.node["default"] else { return nil }
        do {
            return try node.plainValue.converted(to: type)
        } catch {
            section.report("Unsuitable value type", "the default of \(name): \(error.message).", at: node.range)
            return nil
        }
    }

    private mutating func readNormalisation() -> Normalisation? {
        let rules = section.texts("normalise")
        for rule in rules where !NormalisationRules.names.contains(rule.text) {
            let names = NormalisationRules.names
            section.report(
                "Unknown rule",
                "there is no rule \"\(rule.text)\"."
                    + Suggestion.didYouMean(rule.text, among: names) + " There is: \(names.joined(separator: ", ")).",
                at: rule.range)
        }
        return NormalisationRules.normalisation(rules.map(\.text))
    }
}

extension SpecificationNode {
    /// The node's value as it is written, expressions not looked for.
    fileprivate var plainValue: Value {
        switch content {
        case .scalar(let scalar): scalar.value
        case .sequence(let nodes): .tuple(nodes.map(\.plainValue))
        case .mapping(let entries): .object(ValueMap(entries.map { ($0.key, $0.value.plainValue) }))
        }
    }
}

extension Schema {
    /// Where a type cannot be updated, each attribute a spec gives forces replacement.
    fileprivate func replacing(always: Bool) -> Schema {
        guard always else { return self }
        return Schema(
            attributes.map {
                AttributeSchema(
                    $0.name, $0.type, $0.presence, default: $0.defaultValue, forcesReplacement: $0.isSettable,
                    sensitive: $0.isSensitive, writeOnly: $0.isWriteOnly, volatile: $0.isVolatile,
                    normalisation: $0.normalisation, $0.summary)
            })
    }
}
