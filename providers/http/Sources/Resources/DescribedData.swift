import PlumbModel
import ProviderAPI

/// A data type of an API file, as the engine sees it.
struct DescribedData: DataType {
    let type: DataDescription
    let connection: APIConnection

    var name: String { type.shape.name }
    var schema: Schema { type.shape.schema }

    func read(_ declared: Value) async throws(ProviderError) -> Value {
        var scope = connection.scope(type.shape, own: withDefaults(declared))
        guard let found = try await LiveFinder(shape: type.shape, connection: connection).find(type.read, scope) else {
            let asked = schema.attributes.filter(\.isSettable).compactMap { attribute in
                (declared[key: attribute.name]?.asText).map { "\(attribute.name) \($0)" }
            }
            let which = asked.isEmpty ? "" : " with \(asked.joined(separator: ", "))"
            throw ProviderError(.notFound, "there is no \(name)\(which).")
        }
        scope.live = found.value
        return try AttributeReading(shape: type.shape, connection: connection).assemble(scope)
    }

    private func withDefaults(_ declared: Value) -> Value {
        var values = declared.asMap ?? ValueMap()
        for attribute in schema.attributes where values[attribute.name]?.isNull ?? true {
            values[attribute.name] = attribute.defaultValue ?? .null
        }
        return .object(values)
    }
}
