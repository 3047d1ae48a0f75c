import CLibGit2
import Crypto
public import PlumbModel

extension FollowedRepository {
    /// The folders of a commit that hold a `stack.yaml`, sorted; "" is the root. Hidden folders are passed over, and links and
    /// submodules are not followed.
    ///
    /// - Parameter globs: which folders count, such as `stacks/*` and `**`; `.` is the root, which `**` takes in too.
    public func stackFolders(at commit: String, under globs: [String]) throws(Diagnostics) -> [String] {
        let search = try StackFolderSearch(globs)
        return try reading(commit) { repository throws(Diagnostics) in
            try search.folders(at: commit, in: repository, self.trees, path: self.declaration.url)
        }
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
