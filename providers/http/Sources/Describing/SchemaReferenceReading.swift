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
    /// The schema's attributes with what an API file says about them itself: how an attribute is present is said as a
    /// whole, anything else key by key.
    func overridden(by own: SpecificationNode) -> SpecificationNode {
        let presence: Set<String> = ["required", "optional", "computed", "default"]
        let changed = Dictionary(
            (own.mapping ?? []).map { ($0.key, Set(($0.value.mapping ?? []).map(\.key))) },
            uniquingKeysWith: { $0.union($1) })
        let base = (mapping ?? []).map { entry -> Entry in
            guard let keys = changed[entry.key], !keys.isDisjoint(with: presence), let old = entry.value.mapping else {
                return entry
            }
            let kept = old.filter { !presence.contains($0.key) }
            return Entry(
                key: entry.key, keyRange: entry.keyRange,
                value: SpecificationNode(.mapping(kept), at: entry.value.range))
        }
        return SpecificationNode(.mapping(base), at: range).merging(own)
    }

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
