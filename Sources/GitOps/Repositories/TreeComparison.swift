import CLibGit2
import PlumbModel

/// Tells what differs between two commits, folder by folder; folders that are the same are not looked into.
struct TreeComparison {
    private let repository: OpaquePointer
    private let trees: KnownTrees
    /// For people.
    private let path: String

    /// More than this no person has changed, and small commits can be made that hold as many.
    private static let maximumFolders = 200_000
    /// Of paths that are looked at, with what is kept beside each.
    private static let maximumBytes = 256 << 20

    init(_ repository: OpaquePointer, _ trees: KnownTrees, path: String) {
        self.repository = repository
        self.trees = trees
        self.path = path
    }

    private struct Pair {
        let path: String
        let old: TreeID?
        let new: TreeID?
    }

    func changes(from old: String, to new: String) throws(Diagnostics) -> TreeChanges {
        var changes = TreeChanges()
        let roots = (
            TreeID(try CommitReader(repository, old, path: path).tree),
            TreeID(try CommitReader(repository, new, path: path).tree)
        )
        var pending = [Pair(path: "", old: roots.0, new: roots.1)]
        var (walked, written) = (0, 0)
        while let pair = pending.popLast() {
            guard pair.old != pair.new else { continue }
            walked += 1
            guard walked <= Self.maximumFolders else { throw Diagnostics(tooMany(old, new)) }
            let before = try entries(pair.old)
            let after = try entries(pair.new)
            // A small repository may have a folder at very many paths.
            written += (pair.path.utf8.count + 64) * (before.count + after.count)
            guard written <= Self.maximumBytes else { throw Diagnostics(tooMany(old, new)) }
            for (name, entry) in after {
                compare(pair.path.isEmpty ? name : pair.path + "/" + name, before[name], entry, &changes, &pending)
            }
            for (name, entry) in before where after[name] == nil {
                compare(pair.path.isEmpty ? name : pair.path + "/" + name, entry, nil, &changes, &pending)
            }
        }
        return changes
    }

    private func entries(_ tree: TreeID?) throws(Diagnostics) -> [String: KnownTrees.Folder.Entry] {
        guard let tree else { return [:] }
        return try trees.folder(tree, repository, path: path).entries
    }

    private func compare(
        _ path: String, _ old: KnownTrees.Folder.Entry?, _ new: KnownTrees.Folder.Entry?, _ changes: inout TreeChanges,
        _ pending: inout [Pair]
    ) {
        guard old?.id != new?.id || old?.kind != new?.kind else { return }
        let folders = (old?.kind == .folder, new?.kind == .folder)
        if folders.0 || folders.1 {
            if folders.0 != folders.1 { changes.folders.insert(path) }
            pending.append(Pair(path: path, old: folders.0 ? old?.id : nil, new: folders.1 ? new?.id : nil))
        }
        switch (old != nil && !folders.0, new != nil && !folders.1) {
        case (true, true): changes.modified.insert(path)
        case (false, true): changes.added.insert(path)
        case (true, false): changes.removed.insert(path)
        case (false, false): break
        }
    }

    private func tooMany(_ old: String, _ new: String) -> Diagnostic {
        .error(
            "Too many changed folders",
            "Between \(old.prefix(12)) and \(new.prefix(12)) of \(path), more than \(Self.maximumFolders) folders differ, or the "
                + "paths of all that differs have more than \(Self.maximumBytes >> 20) MiB; they are not all looked through. Split the change."
        )
    }
}
