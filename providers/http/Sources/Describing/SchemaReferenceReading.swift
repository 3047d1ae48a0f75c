import PlumbModel

/// Takes the attributes of a type out of a document beside an API file, for `schema: {$ref: "openapi.yaml#/…"}`.
protocol SchemaReferenceReading: Sendable {
    /// The schema as an API file would write it: a mapping of attributes, its places in the document.
    ///
    /// - Parameters:
    ///   - reference: a path relative to the API file, `#`, and a JSON pointer.
    ///   - range: where the reference stands.
    /// - Throws: why there is no such schema.
    func schema(at reference: String, range: SourceRange) throws(Diagnostics) -> SpecificationNode
}

extension SpecificationNode {
    /// The mapping with another one's entries: those that both have are joined in the same way.
    func merging(_ other: SpecificationNode) -> SpecificationNode {
        guard let mine = mapping, let others = other.mapping else { return other }
        var entries = mine.map { entry in
            guard let over = others.first(where: { $0.key == entry.key }) else { return entry }
            return Entry(key: over.key, keyRange: over.keyRange, value: entry.value.merging(over.value))
        }
        entries += others.filter { other in !mine.contains { $0.key == other.key } }
        return SpecificationNode(.mapping(entries), at: other.range)
    }
}
