import Expressions
import PlumbModel
import ProviderAPI

/// Reads the attributes of a resource off the server's words.
struct AttributeReading {
    let shape: TypeShape
    let connection: APIConnection

    /// All attributes, from the server's words where they have them, in the spec's writing where that means the same.
    func assemble(_ scope: OperationScope) throws(ProviderError) -> Value {
        var values: [(String, Value)] = []
        values.reserveCapacity(shape.schema.attributes.count)
        for schema in shape.schema.attributes {
            let recorded = scope.own[key: schema.name] ?? .null
            let old = (try? recorded.converted(to: schema.type)) ?? recorded
            let new = try attribute(schema.name, scope)
            let isSame = !old.isNull && (old == new || schema.normalisation?.areSame(old, new) ?? false)
            values.append((schema.name, isSame ? old : new))
        }
        return .object(ValueMap(values))
    }

    /// One attribute as the server has it, or as it is known where the server does not tell.
    func attribute(_ name: String, _ scope: OperationScope) throws(ProviderError) -> Value {
        guard let schema = shape.schema[name] else { return .null }
        let value: Value
        if schema.isWriteOnly {
            return known(schema, scope)
        } else if let expression = shape.attributes[name] {
            value = try connection.evaluate(expression, scope)
        } else if let field = scope.live?.asMap?[name] {
            value = field
        } else {
            return known(schema, scope)
        }
        do {
            return try value.narrowed(to: schema.type).converted(to: schema.type)
        } catch {
            let place = error.path.steps.isEmpty ? "" : " at \(error.path)"
            throw ProviderError(
                .unexpected,
                "the server's \(name) of \(shape.name) is unsuitable\(place): \(error.message)")
        }
    }

    private func known(_ schema: AttributeSchema, _ scope: OperationScope) -> Value {
        let own = scope.own[key: schema.name] ?? .null
        if own.isNull { return schema.defaultValue ?? .null }
        return (try? own.converted(to: schema.type)) ?? own
    }

    /// The values of attributes in the writing in which they can be compared.
    func key(
        _ names: [String], _ value: (String) throws(ProviderError) -> Value
    ) throws(ProviderError) -> [Value] {
        var key: [Value] = []
        key.reserveCapacity(names.count)
        for name in names {
            let value = try value(name)
            let schema = shape.schema[name]
            let canonical = schema?.normalisation?.canonical(value) ?? value
            key.append((try? canonical.converted(to: schema?.type ?? .any)) ?? canonical)
        }
        return key
    }
}
