import CLibGit2
import Crypto
public import PlumbModel

extension FollowedRepository {
    /// The folders of a commit that hold a `stack.yaml`, sorted; "" is the root. Hidden folders are passed over, and links and
    /// submodules are not followed.
    ///
    /// - Parameter globs: which folders count, such as `stacks/*` and `**`; `.` is the root, which `**` takes in too.
    public func stackFolders(at commit: String, under globs: [String]) throws(Diagnostics) -> [String] {
        let patterns = try Self.patterns(globs)
        return try reading(commit) { repository throws(Diagnostics) in
            var found: [String] = []
            let root = try CommitReader(repository, commit, path: self.declaration.url).tree
            var pending: [(path: String, tree: TreeID)] = [("", TreeID(root))]
            while let (path, tree) = pending.popLast() {
                let folder = try self.trees.folder(tree, repository, path: self.declaration.url)
                if case .file = folder.entries["stack.yaml"]?.kind, patterns.match(path) { found.append(path) }
                for (name, entry) in folder.entries where entry.kind == .folder && !name.hasPrefix(".") {
                    pending.append((path.isEmpty ? name : path + "/" + name, entry.id))
                }
            }
            return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    private struct Patterns {
        var globs: [GlobPattern] = []
        var takesRoot = false

        func match(_ path: String) -> Bool {
            path.isEmpty ? takesRoot : globs.contains { $0.matches(path) }
        }
    }

    private static func patterns(_ globs: [String]) throws(Diagnostics) -> Patterns {
        var problems = Diagnostics()
        var patterns = Patterns()
        for text in globs {
            let bare = text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
            if bare.isEmpty || bare == "**" { patterns.takesRoot = true }
            do throws(GlobPattern.Malformed) {
                let parsed = try GlobPattern.all(in: bare)
                guard !text.hasPrefix("/"), parsed.allSatisfy({ $0.root.isEmpty }) else {
                    problems.append(invalid(text, "it leads outside of the repository"))
                    continue
                }
                if !bare.isEmpty { patterns.globs += parsed }
            } catch {
                problems.append(invalid(text, error.reason))
            }
        }
        try problems.throwIfErrors()
        return patterns
    }

    private static func invalid(_ pattern: String, _ reason: String) -> Diagnostic {
        .error(
            "Invalid pattern for stacks",
            "\"\(pattern)\" names no folders of a repository: \(reason). Write it from the root, such as `stacks/*`, or `**` for "
                + "all.")
    }

    /// One hash for each stack, of all that it was made from. As long as it is the same, reading the stack again would give
    /// the same, so that nothing need be rendered or planned for the sake of a commit.
    ///
    /// The caller takes `StackSession.reading` after it has planned a stack, keeps it with the hash at that commit, and asks
    /// again at the next one: another hash, and the stack is to be planned. Only ids that Git has anyway are looked at, no
    /// contents; folders that are the same as in an earlier commit are not read again.
    ///
    /// - Parameter stacks: their folders ("" is the root) and what was looked at; nil where that is not known, as after an
    ///   error, so that any change in the repository counts.
    /// - Returns: 64 hexadecimal digits each, in the order of the stacks.
    public func contentHashes(
        of stacks: [(folder: String, reading: SourceReading?)], at commit: String
    ) throws(Diagnostics) -> [String] {
        try reading(commit) { repository throws(Diagnostics) in
            let root = TreeID(try CommitReader(repository, commit, path: self.declaration.url).tree)
            var hasher = ContentHasher(
                root: root, commit: commit, trees: self.trees, repository: repository, path: self.declaration.url)
            var hashes: [String] = []
            hashes.reserveCapacity(stacks.count)
            for stack in stacks { hashes.append(try hasher.hash(stack.folder, stack.reading)) }
            return hashes
        }
    }

    /// The hash of one stack; see `contentHashes`.
    public func contentHash(
        of reading: SourceReading?, folder: String, at commit: String
    ) throws(Diagnostics) -> String {
        try contentHashes(of: [(folder, reading)], at: commit).joined()
    }
}
