public import PlumbModel

/// Reads all specs of one stack: every `*.yaml` and `*.yml` file directly in the source's root.
///
/// `stack.yaml` says what the stack is; `*.vars.yaml` and `*.vars.yml` hold values of variables and are only listed;
/// `*.test.yaml` and `*.test.yml` hold tests and are passed over.
public struct SpecLoader {
    private let source: any SpecificationSource

    public init(source: any SpecificationSource) {
        self.source = source
    }

    /// Everything the stack's files declare, or all problems of all files.
    public func load() throws(Diagnostics) -> Specification {
        let names = try source.files(in: "")
        let specs = names.filter(isSpec)
        let stackName = try stackFile(names, specs)
        var problems = Diagnostics()
        var warnings = Diagnostics()
        var files: [(file: SourceFile, documents: [SpecificationNode])] = []
        for name in specs {
            let read = problems.collect { () throws(Diagnostics) in try self.read(name, &warnings) }
            if let read { files.append(read) }
        }
        let stack = files.first { $0.file.path == stackName }.flatMap { file in
            problems.collect { () throws(Diagnostics) in try StackReader.read(file.documents, of: file.file) }
        }
        let range = SourceRange(file: SourceFile(path: stackName, text: ""), start: 0, end: 0)
        // Without a name the other files are still looked at, so that all problems are told at once.
        var reader = DocumentReader(Specification(stack: stack ?? StackDeclaration(name: "", nameRange: range)))
        for file in files where file.file.path != stackName {
            for document in file.documents { reader.read(document) }
        }
        problems.append(reader.problems)
        if problems.hasErrors { throw Diagnostics(problems.all + warnings.all).sortedBySource() }
        var specification = reader.specification
        specification.files = files.map(\.file)
        specification.variableFiles = names.filter(isVariableFile)
        specification.warnings = Diagnostics(problems.all + warnings.all).sortedBySource()
        return specification
    }

    /// `stack.yaml` alone: what the stack is and where its state is.
    public func loadStack() throws(Diagnostics) -> StackDeclaration {
        let names = try source.files(in: "")
        let name = try stackFile(names, names.filter(isSpec))
        var warnings = Diagnostics()
        let (file, documents) = try read(name, &warnings)
        return try StackReader.read(documents, of: file)
    }

    private func isSpec(_ name: String) -> Bool {
        isYAML(name) && !isVariableFile(name) && !StackTestLoader.isTestFile(name)
    }

    private func isYAML(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

    private func isVariableFile(_ name: String) -> Bool { name.hasSuffix(".vars.yaml") || name.hasSuffix(".vars.yml") }

    private func read(
        _ name: String, _ warnings: inout Diagnostics
    ) throws(Diagnostics) -> (file: SourceFile, documents: [SpecificationNode]) {
        guard let bytes = try source.contents(of: name) else {
            throw Diagnostics(
                .error(
                    "File cannot be read",
                    "\"\(name)\" was listed in \(source.name), but is gone. Is something else changing the files? Try again."
                ))
        }
        let file = SourceFile(path: name, bytes: bytes)
        try throwIfPointer(file)
        return (file, try YAMLReader.read(file, warnings: &warnings))
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

    private func stackFile(_ names: [String], _ specs: [String]) throws(Diagnostics) -> String {
        if names.contains("stack.yaml") {
            guard names.contains("stack.yml") else { return "stack.yaml" }
            throw Diagnostics(
                .error(
                    "Two stack files",
                    "\(source.name) holds both stack.yaml and stack.yml. Keep stack.yaml and remove the other."))
        }
        let detail: String
        if let similar = names.first(where: { $0.lowercased() == "stack.yaml" || $0.lowercased() == "stack.yml" }) {
            detail = "\"\(similar)\" in \(source.name) must be called stack.yaml. Rename it."
        } else if specs.isEmpty {
            detail =
                "\(source.name) holds no YAML files. Give the directory of a stack, or make one of it with `plumb init`."
        } else if let near = Suggestion.nearest(to: "stack.yaml", among: specs) {
            detail = "\(source.name) has no file stack.yaml. Did you mean \"\(near)\" to be it? Then rename it."
        } else {
            detail =
                "\(source.name) holds YAML files, but no stack.yaml, which says what the stack is called and where its state "
                + "is. Create one with `plumb init`; a line `stack: NAME` is enough."
        }
        throw Diagnostics(.error("Not a stack", detail))
    }
}
