import PlumbModel

/// The JSON Schema of attributes: each may be written as its type, as what converts to it, or as an expression.
enum AttributeSchemaDocument {
    static let expression = "[$%]\\{"

    /// Of all attributes that a spec can set.
    static func spec(of schema: Schema) -> Value {
        let settable = schema.attributes.filter(\.isSettable)
        let required = settable.filter { $0.presence == .required }.map(\.name)
        var document: ValueMap = [
            "type": required.isEmpty ? ["object", "string", "null"] : ["object", "string"],
            "pattern": .string(expression), "additionalProperties": false,
            "properties": .object(ValueMap(settable.map { ($0.name, attribute($0)) })),
        ]
        if !required.isEmpty { document["required"] = .tuple(required.map(Value.string)) }
        return .object(document)
    }

    static func attribute(_ attribute: AttributeSchema) -> Value {
        var document = value(attribute.type, isNullable: attribute.presence != .required).asMap ?? ValueMap()
        var remarks: [String] = attribute.summary.isEmpty ? [] : [attribute.summary]
        if attribute.presence == .optionalComputed { remarks.append("Left out, the provider decides.") }
        if attribute.forcesReplacement { remarks.append("A change of it replaces the resource.") }
        if attribute.isSensitive { remarks.append(attribute.isWriteOnly ? "Secret, and kept nowhere." : "Secret.") }
        if !remarks.isEmpty { document["description"] = .string(remarks.joined(separator: " ")) }
        if let value = attribute.defaultValue, !attribute.isSensitive { document["default"] = value }
        if attribute.isWriteOnly { document["writeOnly"] = true }
        return .object(document)
    }

    /// Numbers and bools may stand for strings and the other way round, as the language converts them.
    static func value(_ type: ValueType, isNullable: Bool = true) -> Value {
        var types: [String]
        var document = ValueMap()
        switch type {
        case .any: return [:]
        case .string: types = ["string", "number", "boolean"]
        case .number:
            types = ["number", "string"]
            document["pattern"] = .string("^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$|\(expression)")
        case .bool:
            types = ["boolean", "string"]
            document["pattern"] = .string("^(true|false)$|\(expression)")
        case .list(let element), .set(let element):
            types = ["array", "string"]
            document["items"] = value(element)
        case .tuple(let elements):
            types = ["array", "string"]
            document["minItems"] = .number(elements.count)
            document["maxItems"] = .number(elements.count)
        case .map(let element):
            types = ["object", "string"]
            document["additionalProperties"] = value(element)
        case .object(let attributes):
            types = ["object", "string"]
            document["properties"] = .object(
                ValueMap(attributes.map { ($0.name, member($0)) }))
            let required = attributes.filter { !$0.isOptional }.map { Value.string($0.name) }
            if !required.isEmpty { document["required"] = .tuple(required) }
        }
        if types.first == "array" || types.first == "object" { document["pattern"] = .string(expression) }
        if isNullable { types.append("null") }
        document["type"] = .tuple(types.map(Value.string))
        return .object(document)
    }

    private static func member(_ attribute: ValueType.ObjectAttribute) -> Value {
        var document = value(attribute.type).asMap ?? ValueMap()
        if let value = attribute.defaultValue { document["default"] = value }
        return .object(document)
    }
}
