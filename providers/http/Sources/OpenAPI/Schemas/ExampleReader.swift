import PlumbModel

/// Takes the shape of a body from an example, where the schema says no more than that there is one.
struct ExampleReader {
    private static let deepest = 4
    /// What is told apart of one example; aliases can make more of it than anybody has written.
    private static let maximumParts = 2000

    private let documents: DocumentSet

    init(_ documents: DocumentSet) { self.documents = documents }

    /// - Parameters:
    ///   - known: what the schema says.
    ///   - node: the schema, which may hold an example.
    ///   - given: an example that stands beside the schema.
    func shape(_ known: SchemaShape, _ node: DocumentNode?, _ given: DocumentNode?) -> SchemaShape {
        let schema = node.flatMap { documents.resolved($0) }
        let example = given ?? schema?["example"] ?? schema?["examples"]?.elements.first
        switch known.kind {
        case .any:
            guard let example, let kind = bodyKind(example) else { return known }
            return filled(known, kind)
        case .list(let element):
            guard case .any = element.kind else { return known }
            let inner = shape(element, schema?["items"], example?.elements.first)
            return inner.isExample ? filled(known, .list(inner)) : known
        case .object(let properties):
            // Of an object in a resource an example tells nothing: any other key may stand there too.
            guard let only = Envelope.content(of: known), let place = properties.firstIndex(where: { $0.name == only })
            else { return known }
            let inner = shape(properties[place].shape, schema?["properties"]?[only], example?[only])
            guard inner.isExample else { return known }
            var properties = properties
            properties[place].shape = inner
            return filled(known, .object(properties))
        default: return known
        }
    }

    private func filled(_ known: SchemaShape, _ kind: SchemaShape.Kind) -> SchemaShape {
        var shape = known
        shape.kind = kind
        shape.isExample = true
        return shape
    }

    /// Nil for what is neither an object nor a list of them.
    private func bodyKind(_ example: DocumentNode) -> SchemaShape.Kind? {
        var parts = ExampleReader.maximumParts
        let kind = kind(of: example, 0, &parts)
        return switch kind {
        case .object: kind
        case .list(let element): element.properties.isEmpty ? nil : kind
        default: nil
        }
    }

    private func kind(of example: DocumentNode, _ depth: Int, _ parts: inout Int) -> SchemaShape.Kind {
        parts -= 1
        guard parts > 0 else { return .any }
        switch example.content {
        case .scalar(let value):
            if value.asString != nil { return .string }
            if value.asBool != nil { return .bool }
            return value.asNumber != nil ? .number : .any
        case .list(let elements):
            return .list(elements.first.map { SchemaShape(kind: kind(of: $0, depth + 1, &parts)) } ?? .any)
        case .object(let entries):
            guard depth < ExampleReader.deepest, !entries.isEmpty else { return .any }
            return .object(
                entries.prefix(200).map { entry in
                    SchemaShape.Property(
                        name: entry.key, shape: SchemaShape(kind: kind(of: entry.value, depth + 1, &parts)),
                        isRequired: false)
                })
        }
    }
}
