public import PlumbModel

/// Reads a file with values of variables: one document with `name: value` pairs, no expressions.
public struct VariableFile {
    /// The pairs in the order in which they are written.
    public let pairs: [NamedNode]
    /// Whether the file is encrypted with SOPS: then all its values are secret.
    public let isEncrypted: Bool

    /// - Parameters:
    ///   - path: relative to the source's root.
    ///   - decrypter: reads files that are encrypted with SOPS; nil where none may be.
    public static func load(
        _ path: String, from source: any SpecificationSource, decrypter: (any SpecDecrypting)? = nil
    ) throws(Diagnostics) -> VariableFile {
        guard let bytes = try source.contents(of: path) else {
            throw Diagnostics(
                .error(
                    "No such variable file",
                    "There is no file \"\(path)\" in \"\(source.name)\".\(neighbour(of: path, in: source)) Check the path."
                )
            )
        }
        let file = SourceFile(path: path, bytes: bytes)
        let written = try YAMLReader.read(file).filter { !($0.scalar?.value.isNull ?? false) }
        // Without exception: a file from which somebody took the authentication code must not pass as an open one.
        let isEncrypted = written.contains { $0["sops"]?.mapping != nil }
        let documents = try EncryptedDocuments(decrypter).decrypted(written)
        guard let document = documents.first else { return VariableFile(pairs: [], isEncrypted: false) }
        var problems = Diagnostics()
        if documents.count > 1 {
            problems.append(
                .error(
                    "Several documents in a variable file",
                    "A variable file holds one document with `name: value` pairs. Join the documents into one.",
                    at: documents[1].range.firstLine))
        }
        let mapping = try MappingReader(document, "a variable file", example: "`region: eu-west-1`")
        for entry in mapping.entries {
            problems.collect { () throws(Diagnostics) in
                try Identifier.check(entry.key, "variable", at: entry.keyRange)
            }
        }
        try problems.throwIfErrors()
        return VariableFile(
            pairs: mapping.entries.map { NamedNode(name: $0.key, nameRange: $0.keyRange, node: $0.value) },
            isEncrypted: isEncrypted)
    }

    private static func neighbour(of path: String, in source: any SpecificationSource) -> String {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        var ignored = Diagnostics()
        // A folder that cannot be listed has no neighbours to name; that the file is missing is the problem to tell.
        let names = ignored.collect { () throws(Diagnostics) in try source.files(in: folder) } ?? []
        return Suggestion.didYouMean(path, among: names)
    }
}
