public import Age
public import PlumbModel

/// A YAML or JSON file whose values SOPS has encrypted for recipients of age: decrypts them in memory, and checks that
/// the file is whole.
public struct SOPSFile: Sendable {
    let root: SpecificationNode
    let entries: [SpecificationNode.Entry]
    public let metadata: SOPSMetadata

    /// Whether a document is one that SOPS has encrypted.
    public static func isEncrypted(_ document: SpecificationNode) -> Bool { document["sops"]?.mapping != nil }

    /// - Parameter document: the whole file, which is one document.
    /// - Throws: where the file is encrypted in a way that is not supported.
    public init(_ document: SpecificationNode) throws(Diagnostics) {
        guard let all = document.mapping, let sops = document["sops"] else {
            preconditionFailure("only a document with `sops:` is taken for an encrypted one")
        }
        root = document
        entries = all.filter { $0.key != "sops" }
        metadata = try SOPSMetadata(sops)
    }

    /// The document without its `sops:`. Every part keeps its place in the encrypted file; what was encrypted is marked
    /// as sensitive.
    public func decrypt(with identities: [AgeIdentity]) throws(Diagnostics) -> SpecificationNode {
        try decrypt(SOPSCipher(key: try SOPSDataKey.unwrap(metadata, with: identities)))
    }

    func decrypt(_ cipher: SOPSCipher) throws(Diagnostics) -> SpecificationNode {
        var code = SOPSCode(metadata.rules)
        var plain: [SpecificationNode.Entry] = []
        for entry in entries { plain.append(try decrypt(entry, [], cipher, &code)) }
        try check(code, cipher)
        return SpecificationNode(.mapping(plain), at: root.range)
    }

    private func decrypt(
        _ entry: SpecificationNode.Entry, _ keys: [String], _ cipher: SOPSCipher, _ code: inout SOPSCode
    ) throws(Diagnostics) -> SpecificationNode.Entry {
        .init(
            key: entry.key, keyRange: entry.keyRange,
            value: try decrypt(entry.value, keys + [entry.key], cipher, &code))
    }

    private func decrypt(
        _ node: SpecificationNode, _ keys: [String], _ cipher: SOPSCipher, _ code: inout SOPSCode
    ) throws(Diagnostics) -> SpecificationNode {
        switch node.content {
        case .mapping(let entries):
            var plain: [SpecificationNode.Entry] = []
            for entry in entries { plain.append(try decrypt(entry, keys, cipher, &code)) }
            return SpecificationNode(.mapping(plain), at: node.range)
        case .sequence(let elements):
            var plain: [SpecificationNode] = []
            // The place in a list is no part of what a value is bound to.
            for element in elements { plain.append(try decrypt(element, keys, cipher, &code)) }
            return SpecificationNode(.sequence(plain), at: node.range)
        case .scalar(let scalar):
            // SOPS leaves what is empty as it is.
            guard metadata.rules.encrypts(keys), !scalar.value.isNull, !scalar.text.isEmpty else {
                code.add(open: scalar)
                return node
            }
            let opened = try open(scalar, keys, node.range, cipher)
            code.add(encrypted: opened.text)
            let value = try Self.value(opened, keys, node.range)
            return SpecificationNode(.scalar(Self.scalar(value, opened.text)), at: node.range)
        }
    }

    /// SOPS writes true and false as Go does, with a capital letter.
    private static func scalar(_ value: Value, _ text: String) -> Scalar {
        switch value.asBool {
        case true?: Scalar(text: "true", style: .doubleQuoted, value: value.sensitive())
        case false?: Scalar(text: "false", style: .doubleQuoted, value: value.sensitive())
        case nil: Scalar(text: text, style: .doubleQuoted, value: value.sensitive())
        }
    }

    private func open(
        _ scalar: Scalar, _ keys: [String], _ range: SourceRange, _ cipher: SOPSCipher
    ) throws(Diagnostics) -> SOPSCipher.Opened {
        do throws(SOPSCipher.Failure) {
            return try cipher.open(scalar.text, at: SOPSCipher.place(keys))
        } catch {
            switch error {
            case .malformed:
                throw SOPSFailure.value(
                    range, keys,
                    "should be encrypted by the rules of the file and is not, or is damaged. Change such files with "
                        + "`plumb secret edit`.")
            case .changed:
                throw SOPSFailure.value(
                    range, keys,
                    "was changed or moved after it was encrypted. Nothing of the file is used: restore it from Git.")
            }
        }
    }

    private static func value(
        _ opened: SOPSCipher.Opened, _ keys: [String], _ range: SourceRange
    ) throws(Diagnostics) -> Value {
        switch opened.kind {
        case .integer, .float:
            if let number = Number(parsing: opened.text) { return .number(number) }
            throw SOPSFailure.value(
                range, keys, "is a number that 64 bits cannot hold exactly. Encrypt it as a string: in quotes.")
        case .bool:
            if ["true", "false"].contains(opened.text.lowercased()) {
                return .bool(opened.text.lowercased() == "true")
            }
        case .string, .bytes, .time: return .string(opened.text)
        case .comment: break
        }
        throw SOPSFailure.value(
            range, keys,
            "was encrypted as a value of the type \"\(opened.kind.rawValue)\" and is none. Encrypt it again.")
    }

    /// Whether a value was changed, added or taken away.
    private func check(_ code: SOPSCode, _ cipher: SOPSCipher) throws(Diagnostics) {
        let sealed = try? cipher.open(metadata.code, at: metadata.lastModified)
        guard sealed?.text == code.text else {
            throw SOPSFailure.reading(
                metadata.range,
                "its authentication code (`mac`) does not fit: somebody has changed the file without sops, or it is damaged. "
                    + "Nothing of it is used: restore it from Git, or encrypt it again.")
        }
    }
}
