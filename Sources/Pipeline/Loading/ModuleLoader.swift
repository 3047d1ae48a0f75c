public import PlumbModel

/// Gives the files of modules that lie in other Git repositories.
public protocol ModuleRepositories: Sendable {
    /// - Returns: the files of the module's folder, and the folder's name for people and for `path.module`.
    func source(
        of address: GitModuleAddress
    ) throws(Diagnostics) -> (source: any SpecificationSource, folder: String)
}

/// Reads the specs of all modules that a specification calls, each folder once.
struct ModuleLoader {
    /// Modules called within modules, deeper than this, are refused.
    private static let maximumDepth = 64

    private let repositories: (any ModuleRepositories)?
    private let decrypter: (any SpecDecrypting)?
    private let stack: StackDeclaration
    private var loaded: [String: ModuleSpecification] = [:]
    private var failed: Set<String> = []
    private(set) var problems = Diagnostics()
    private(set) var warnings = Diagnostics()

    init(
        stack: StackDeclaration, repositories: (any ModuleRepositories)?, decrypter: (any SpecDecrypting)?
    ) {
        self.stack = stack
        self.decrypter = decrypter
        self.repositories = repositories
    }

    /// Fills in the content of every call.
    ///
    /// - Parameters:
    ///   - source: of the specification itself.
    ///   - callers: the folders from the stack's own to that of the specification.
    mutating func load(
        _ modules: inout [ModuleDeclaration], from source: any SpecificationSource, callers: [String]
    ) {
        for index in modules.indices { modules[index].content = load(modules[index], from: source, callers) }
    }

    private mutating func load(
        _ module: ModuleDeclaration, from source: any SpecificationSource, _ callers: [String]
    ) -> ModuleSpecification? {
        let found: (source: any SpecificationSource, folder: String)?
        do throws(Diagnostics) {
            found = try locate(module, from: source, in: callers.last ?? ".")
        } catch {
            problems.append(error.placed(at: module.sourceRange.firstLine))
            return nil
        }
        guard let found, !failed.contains(found.folder) else { return nil }
        if let known = loaded[found.folder] { return known }
        guard !callers.contains(found.folder), callers.count < Self.maximumDepth else {
            report(
                "Module calls itself",
                "The module \"\(module.name)\" (\(found.folder)) is called from within itself, without end: "
                    + (callers + [found.folder]).map { "`\($0)`" }.joined(separator: " -> ") + ".", module)
            return nil
        }
        guard let content = read(module, found, callers) else {
            failed.insert(found.folder)
            return nil
        }
        loaded[found.folder] = content
        return content
    }

    private mutating func locate(
        _ module: ModuleDeclaration, from source: any SpecificationSource, in folder: String
    ) throws(Diagnostics) -> (source: any SpecificationSource, folder: String)? {
        guard module.source.hasPrefix("git::") else {
            return (try source.module(at: module.source), FileName.normal(folder + "/" + module.source))
        }
        let address = try GitModuleAddress(parsing: module.source)
        guard let repositories else {
            report(
                "Module cannot be fetched",
                "The module \"\(module.name)\" lies in another Git repository, which is not read here.", module)
            return nil
        }
        return try repositories.source(of: address)
    }

    private mutating func read(
        _ module: ModuleDeclaration, _ found: (source: any SpecificationSource, folder: String), _ callers: [String]
    ) -> ModuleSpecification? {
        var reader = DocumentReader(Specification(stack: stack))
        do throws(Diagnostics) {
            let files = try FolderReader(
                source: found.source, folder: found.folder, decrypter: decrypter
            ).read(&warnings)
            if let stackFile = files.first(where: { $0.isStackFile }) {
                report(
                    "Module is a stack",
                    "\(found.folder) holds \(stackFile.name), so it is a stack of its own and no module. Remove that file, "
                        + "or take the values it gives out from its outputs.", module)
                return nil
            }
            guard !files.isEmpty else {
                report(
                    "Module is empty", "\(found.folder) holds no YAML files. Check the path of the module's directory.",
                    module)
                return nil
            }
            for file in files {
                for document in file.documents { reader.read(document) }
            }
            reader.finish(files.map(\.file))
            reader.readManifests(
                ManifestFileReader(source: found.source, folder: found.folder, decrypter: decrypter), &warnings)
        } catch {
            problems.append(error)
            return nil
        }
        problems.append(reader.problems)
        var specification = reader.specification
        load(&specification.modules, from: found.source, callers: callers + [found.folder])
        return ModuleSpecification(specification, folder: found.folder)
    }

    private mutating func report(_ summary: String, _ detail: String, _ module: ModuleDeclaration) {
        problems.append(.error(summary, detail, at: module.sourceRange.firstLine))
    }
}

extension Diagnostics {
    /// The same problems; those without a place get this one.
    fileprivate func placed(at range: SourceRange) -> Diagnostics {
        Diagnostics(
            all.map { problem in
                guard problem.source == nil else { return problem }
                var placed = problem
                placed.source = range
                return placed
            })
    }
}
