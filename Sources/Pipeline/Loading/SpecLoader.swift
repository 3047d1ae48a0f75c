public import PlumbModel

/// Reads all specs of one stack and of its modules: every `*.yaml` and `*.yml` file directly in the source's root.
///
/// `stack.yaml` says what the stack is; `*.vars.yaml` and `*.vars.yml` hold values of variables and are only listed;
/// `*.test.yaml` and `*.test.yml` hold tests and are passed over.
public struct SpecLoader {
    private let source: any SpecificationSource
    private let repositories: (any ModuleRepositories)?
    private let decrypter: (any SpecDecrypting)?

    /// - Parameters:
    ///   - repositories: give the modules with `git::` sources; nil where none can be read.
    ///   - decrypter: reads specs that are encrypted with SOPS; nil where none may be.
    public init(
        source: any SpecificationSource, repositories: (any ModuleRepositories)? = nil,
        decrypter: (any SpecDecrypting)? = nil
    ) {
        self.source = source
        self.repositories = repositories
        self.decrypter = decrypter
    }

    /// Everything the stack's files and those of its modules declare, or all problems of all files.
    public func load() throws(Diagnostics) -> Specification {
        let names = try source.files(in: "")
        let specs = names.filter(FolderReader.isSpec)
        let stackName = try stackFile(names, specs)
        var problems = Diagnostics()
        var warnings = Diagnostics()
        var files: [FolderReader.File] = []
        let folder = FolderReader(source: source, decrypter: decrypter)
        for name in specs {
            let read = problems.collect { () throws(Diagnostics) in try folder.read(name, &warnings) }
            if let read { files.append(read) }
        }
        var shared: [SourceFile] = []
        let stack = files.first { $0.name == stackName }.flatMap { file in
            problems.collect { () throws(Diagnostics) in try readStack(file, &shared) }
        }
        let range = SourceRange(file: SourceFile(path: stackName, text: ""), start: 0, end: 0)
        // Without a name the other files are still looked at, so that all problems are told at once.
        let declaration = stack ?? StackDeclaration(name: "", nameRange: range)
        var reader = DocumentReader(Specification(stack: declaration))
        for file in files where file.name != stackName {
            for document in file.documents { reader.read(document) }
        }
        reader.finish(files.map(\.file) + shared)
        reader.readManifests(
            ManifestFileReader(source: source, folder: ".", decrypter: decrypter), &warnings)
        var specification = reader.specification
        var modules = ModuleLoader(stack: declaration, repositories: repositories, decrypter: decrypter)
        modules.load(&specification.modules, from: source, callers: ["."])
        problems.append(reader.problems)
        problems.append(modules.problems)
        warnings.append(modules.warnings)
        if problems.hasErrors { throw Diagnostics(problems.all + warnings.all).sortedBySource() }
        specification.variableFiles = names.filter(FolderReader.isVariableFile)
        specification.warnings = Diagnostics(problems.all + warnings.all).sortedBySource()
        return specification
    }

    /// `stack.yaml` alone: what the stack is and where its state is.
    public func loadStack() throws(Diagnostics) -> StackDeclaration {
        let names = try source.files(in: "")
        let name = try stackFile(names, names.filter(FolderReader.isSpec))
        var warnings = Diagnostics()
        let file = try FolderReader(source: source, decrypter: decrypter).read(name, &warnings)
        var shared: [SourceFile] = []
        return try readStack(file, &shared)
    }

    /// - Parameter shared: gets the files of policies that the stack names; they may lie beside the stack's folder.
    private func readStack(
        _ stack: FolderReader.File, _ shared: inout [SourceFile]
    ) throws(Diagnostics) -> StackDeclaration {
        var read: [SourceFile] = []
        defer { shared = read }
        return try StackReader.read(stack.documents, of: stack.file) { (path) throws(Diagnostics) in
            let parts = FileName.normal(path).split(separator: "/")
            let folder = parts.dropLast().joined(separator: "/")
            let isOutside = parts.first == ".."
            // What holds the stack's folder holds much else, and all of a folder that is taken in can be read.
            guard parts.isEmpty || parts.dropLast().contains(where: { $0 != ".." }) || !isOutside else {
                throw Diagnostics(
                    .error(
                        "Shared policies need a folder of their own",
                        "\"\(path)\" lies in a folder that holds this stack. Put the file into a folder beside the stack, "
                            + "such as `../policies/shared.yaml`: whatever lies there can be read by the specs."))
            }
            let from = isOutside ? try source.module(at: folder) : source
            let name = isOutside ? String(parts.last ?? "") : FileName.normal(path)
            guard !path.hasPrefix("/"), let bytes = try from.contents(of: name) else {
                throw Diagnostics(
                    .error(
                        "No such file of policies",
                        "There is no file \"\(path)\". Paths in `policy_files` are relative to the stack's folder, such as "
                            + "`../policies/shared.yaml`."))
            }
            let file = SourceFile(path: FileName.normal(path), bytes: bytes)
            read.append(file)
            return try YAMLReader.read(file)
        }
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
