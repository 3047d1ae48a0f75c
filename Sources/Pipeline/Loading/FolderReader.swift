import PlumbModel

/// Reads the YAML files that lie directly in the folder of a stack or of a module.
struct FolderReader {
    struct File {
        /// Relative to the folder.
        let name: String
        let file: SourceFile
        let documents: [SpecificationNode]

        var isStackFile: Bool { name == "stack.yaml" || name == "stack.yml" }
    }

    private let source: any SpecificationSource
    /// Relative to the stack's directory; `.` for the stack itself.
    private let folder: String
    private let documents: EncryptedDocuments

    init(
        source: any SpecificationSource, folder: String = ".", decrypter: (any SpecDecrypting)?
    ) {
        self.source = source
        self.folder = folder
        documents = EncryptedDocuments(decrypter)
    }

    /// Variable files left out.
    ///
    /// - Throws: the problems of all files.
    func read(_ warnings: inout Diagnostics) throws(Diagnostics) -> [File] {
        var problems = Diagnostics()
        var files: [File] = []
        for name in try source.files(in: "") where Self.isSpec(name) {
            let read = problems.collect { () throws(Diagnostics) in try self.read(name, &warnings) }
            if let read { files.append(read) }
        }
        try problems.throwIfErrors()
        return files
    }

    func read(_ name: String, _ warnings: inout Diagnostics) throws(Diagnostics) -> File {
        guard let bytes = try source.contents(of: name) else {
            throw Diagnostics(
                .error(
                    "File cannot be read",
                    "\"\(name)\" was listed in \(source.name), but is gone. Is something else changing the files? Try again."
                ))
        }
        let file = SourceFile(path: folder == "." ? name : folder + "/" + name, bytes: bytes)
        try throwIfPointer(file)
        try SourceSecretCheck(file).throwIfFound()
        var own = Diagnostics()
        let read = try YAMLReader.read(file, warnings: &own)
        // Aliases make much of a small file.
        if let allowance = source.allowance { try allowance.spend(read.reduce(0) { $0 + $1.weight }, .parts) }
        // Manifests are read as Kubernetes reads them: a leading zero is octal there, and nothing to wonder at.
        let manifests = read.filter { $0["apiVersion"] != nil && $0["kind"] != nil }.map(\.range)
        warnings.append(
            Diagnostics(
                own.all.filter { warning in
                    let place = warning.source?.start ?? 0
                    return
                        !(warning.summary == "Number with a leading zero"
                        && manifests.contains { $0.start <= place && place < $0.end })
                }))
        return File(name: name, file: file, documents: try documents.decrypted(read))
    }

    static func isSpec(_ name: String) -> Bool {
        isYAML(name) && !isVariableFile(name) && !StackTestLoader.isTestFile(name) && name != lockFile
    }

    /// Which commits modules are pinned to; it declares nothing.
    static let lockFile = "plumb.lock.yaml"

    private static func isYAML(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

    static func isVariableFile(_ name: String) -> Bool {
        name.hasSuffix(".vars.yaml") || name.hasSuffix(".vars.yml")
    }

    /// Git LFS leaves a small text in the place of a file.
    private func throwIfPointer(_ file: SourceFile) throws(Diagnostics) {
        guard file.bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8) else { return }
        throw Diagnostics(
            .error(
                "File is kept in Git LFS",
                "\"\(file.path)\" holds only the pointer to a file that Git LFS keeps elsewhere. Specs must be in Git itself: "
                    + "take the file out of LFS (`git lfs untrack`), or run `git lfs pull` in a working tree.",
                at: SourceRange(file: file, start: 0, end: file.bytes.count).firstLine))
    }
}
