public import PlumbModel

extension SOPSFile {
    /// The document without its `sops:`, for those who must not see what is encrypted: in its place are unknowns that are
    /// sensitive. No key is asked for, so that nothing is authenticated either.
    public var withoutSecrets: SpecificationNode {
        SpecificationNode(.mapping(entries.map { withoutSecrets($0, []) }), at: root.range)
    }

    private func withoutSecrets(_ entry: SpecificationNode.Entry, _ keys: [String]) -> SpecificationNode.Entry {
        .init(key: entry.key, keyRange: entry.keyRange, value: withoutSecrets(entry.value, keys + [entry.key]))
    }

    private func withoutSecrets(_ node: SpecificationNode, _ keys: [String]) -> SpecificationNode {
        switch node.content {
        case .mapping(let entries):
            return SpecificationNode(.mapping(entries.map { withoutSecrets($0, keys) }), at: node.range)
        case .sequence(let elements):
            return SpecificationNode(.sequence(elements.map { withoutSecrets($0, keys) }), at: node.range)
        case .scalar(let scalar):
            guard metadata.rules.encrypts(keys), !scalar.value.isNull, !scalar.text.isEmpty else { return node }
            let unknown = Value.unknown(Self.type(of: scalar.text)).sensitive()
            return SpecificationNode(.scalar(Scalar(text: "", style: .doubleQuoted, value: unknown)), at: node.range)
        }
    }

    /// What the text of a sealed value tells openly of what it was.
    private static func type(of text: String) -> ValueType {
        if text.hasSuffix(",type:bool]") { return .bool }
        return text.hasSuffix(",type:int]") || text.hasSuffix(",type:float]") ? .number : .string
    }
}
