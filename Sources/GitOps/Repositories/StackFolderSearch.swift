import CLibGit2
import PlumbModel

/// Finds the folders of a commit that hold a `stack.yaml`. Hidden folders are passed over, and links and submodules are not
/// followed.
struct StackFolderSearch {
    private var globs: [GlobPattern] = []
    private var takesRoot = false

    /// One tree can stand in itself many times over, so that a small commit has more folders than anybody can walk through.
    private static let maximumFolders = 200_000

    /// - Parameter texts: which folders count, such as `stacks/*` and `**`; `.` is the root, which `**` takes in too.
    init(_ texts: [String]) throws(Diagnostics) {
        var problems = Diagnostics()
        for text in texts {
            let bare = text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
            if bare.isEmpty || bare == "**" { takesRoot = true }
            do throws(GlobPattern.Malformed) {
                let parsed = try GlobPattern.all(in: bare)
                guard !text.hasPrefix("/"), parsed.allSatisfy({ $0.root.isEmpty }) else {
                    problems.append(Self.invalid(text, "it leads outside of the repository"))
                    continue
                }
                if !bare.isEmpty { globs += parsed }
            } catch {
                problems.append(Self.invalid(text, error.reason))
            }
        }
        try problems.throwIfErrors()
    }

    /// - Parameter path: of the repository, for people.
    /// - Returns: sorted; "" is the root.
    func folders(
        at commit: String, in repository: OpaquePointer, _ trees: KnownTrees, path: String
    ) throws(Diagnostics) -> [String] {
        var found: [String] = []
        let root = try CommitReader(repository, commit, path: path).tree
        var pending: [(path: String, tree: TreeID)] = [("", TreeID(root))]
        var walked = 0
        while let (place, tree) = pending.popLast() {
            walked += 1
            guard walked <= Self.maximumFolders else { throw Diagnostics(Self.tooMany(commit, path)) }
            let folder = try trees.folder(tree, repository, path: path)
            if case .file = folder.entries["stack.yaml"]?.kind, matches(place) { found.append(place) }
            for (name, entry) in folder.entries where entry.kind == .folder && !name.hasPrefix(".") {
                pending.append((place.isEmpty ? name : place + "/" + name, entry.id))
            }
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func matches(_ path: String) -> Bool {
        path.isEmpty ? takesRoot : globs.contains { $0.matches(path) }
    }

    private static func tooMany(_ commit: String, _ path: String) -> Diagnostic {
        .error(
            "Too many folders",
            "The commit \(commit.prefix(12)) of \(path) has more than \(maximumFolders) folders; they are not "
                + "all looked through for stacks. Put the stacks into a repository of their own.")
    }

    private static func invalid(_ pattern: String, _ reason: String) -> Diagnostic {
        .error(
            "Invalid pattern for stacks",
            "\"\(pattern)\" names no folders of a repository: \(reason). Write it from the root, such as `stacks/*`, or `**` for "
                + "all.")
    }
}
