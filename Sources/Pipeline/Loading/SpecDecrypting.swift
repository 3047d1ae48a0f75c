public import PlumbModel

/// Decrypts the documents that SOPS has encrypted.
public protocol SpecDecrypting: Sendable {
    /// - Parameter document: one with a mapping under `sops`.
    /// - Returns: the document without its `sops`. Its parts keep their places, and what was encrypted is marked as
    ///   sensitive.
    func decrypt(_ document: SpecificationNode) throws(Diagnostics) -> SpecificationNode
}

/// Gives the documents of a file in the clear.
struct EncryptedDocuments {
    private let decrypter: (any SpecDecrypting)?

    init(_ decrypter: (any SpecDecrypting)?) { self.decrypter = decrypter }

    /// - Throws: also where an encrypted document is not alone in its file.
    func decrypted(_ documents: [SpecificationNode]) throws(Diagnostics) -> [SpecificationNode] {
        guard let encrypted = documents.first(where: { $0["sops"]?.mapping != nil }) else { return documents }
        let others = documents.filter { !($0.scalar?.value.isNull ?? false) }
        guard others.count == 1 else {
            throw Diagnostics(
                .error(
                    "Several documents in an encrypted file",
                    "\(encrypted.range.file.path) is encrypted with SOPS and holds \(others.count) documents. Put each into a "
                        + "file of its own.", at: others[1].range.firstLine))
        }
        guard let decrypter else {
            throw Diagnostics(
                .error(
                    "Encrypted file is not read here",
                    "\(encrypted.range.file.path) is encrypted with SOPS, and files of this kind must be in the clear. "
                        + "`plumb secret decrypt` does that.", at: encrypted.range.firstLine))
        }
        return [try decrypter.decrypt(encrypted)]
    }
}
