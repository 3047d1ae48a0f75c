internal import Loading
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Which commit each Git source of a module is pinned to: `plumb.lock.yaml`, which belongs into Git.
struct ModuleLock {
    static let file = "plumb.lock.yaml"
    private static let version = 1
    private static let heading = """
        # The commit that each Git source of a module stands for. `plumb init` writes this file; commit it.
        # `plumb init --upgrade` takes what the branches and tags stand for now.
        """

    /// By `URL?ref=REVISION`, as written in the specs.
    private(set) var commits: [String: String] = [:]

    static func key(_ address: GitModuleAddress) -> String {
        address.url + (address.reference.map { "?ref=" + $0 } ?? "")
    }

    func commit(of address: GitModuleAddress) -> String? { commits[Self.key(address)] }

    init(_ commits: [String: String]) { self.commits = commits }

    // MARK: Reading

    /// From a stack's files; empty where there is no lock file.
    init(from source: any SpecificationSource) throws(Diagnostics) {
        guard let bytes = try source.contents(of: Self.file) else { return }
        let file = SourceFile(path: Self.file, bytes: bytes)
        let documents = try YAMLReader.read(file)
        guard let root = documents.first, let version = root["version"]?.scalar?.value else {
            throw Self.invalid("It has no `version`.", at: SourceRange(file: file, start: 0, end: 0))
        }
        guard version.json == "\(Self.version)" else {
            throw Diagnostics(
                .error(
                    "Lock file of another version",
                    "\(Self.file) has the version \(version.json); this version of Plumbline reads \(Self.version). Use the "
                        + "version that wrote it, or remove the file and run `plumb init`.", at: root["version"]?.range)
            )
        }
        var problems = Diagnostics()
        for entry in root["modules"]?.mapping ?? [] {
            guard let commit = entry.value.scalar?.value.asString, Self.isCommit(commit) else {
                problems.append(
                    Self.invalid(
                        "\"\(entry.key)\" has no whole id of a commit: 40 hexadecimal digits.", at: entry.value.range))
                continue
            }
            commits[entry.key] = commit
        }
        try problems.throwIfErrors()
    }

    private static func isCommit(_ text: String) -> Bool {
        text.utf8.count == 40 && text.allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
    }

    private static func invalid(_ why: String, at range: SourceRange?) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid lock file",
                "\(file) cannot be understood. \(why) Restore it from Git, or remove it and run `plumb init`, which takes what "
                    + "the branches and tags stand for now.", at: range))
    }

    // MARK: Writing

    /// Sorted, so that the same pins make the same file.
    var text: String {
        let entries = commits.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
            "  \(Value.string($0.key).json): \"\($0.value)\"\n"
        }
        return Self.heading + "\nversion: \(Self.version)\nmodules:\n" + entries.joined()
    }

    /// Writes the file where its content differs; without any pins, removes it.
    ///
    /// - Returns: whether the file is another one now.
    func write(to directory: String) throws(Diagnostics) -> Bool {
        let path = directory + "/" + Self.file
        let known = FileManager.default.contents(atPath: path)
        do {
            if commits.isEmpty {
                guard known != nil else { return false }
                try FileManager.default.removeItem(atPath: path)
                return true
            }
            let data = Data(text.utf8)
            guard known != data else { return false }
            try data.write(to: URL(filePath: path), options: .atomic)
            return true
        } catch {
            throw Diagnostics(
                .error("Cannot write the lock file", "\(path) could not be written: \(SystemReason(error))."))
        }
    }
}
