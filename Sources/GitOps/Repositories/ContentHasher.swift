import CLibGit2
import Crypto
import PlumbModel

/// Hashes what stacks of one commit were made from.
struct ContentHasher {
    private enum Place {
        case folder(KnownTrees.Folder)
        /// Nothing, or what is no folder: its kind and id.
        case other(KnownTrees.Folder.Entry?)
    }

    private let root: TreeID
    private let commit: String
    private let trees: KnownTrees
    private let repository: OpaquePointer
    /// For people.
    private let path: String
    /// By their paths; "" is the root.
    private var places: [String: Place] = [:]

    init(root: TreeID, commit: String, trees: KnownTrees, repository: OpaquePointer, path: String) {
        self.root = root
        self.commit = commit
        self.trees = trees
        self.repository = repository
        self.path = path
    }

    mutating func hash(_ folder: String, _ reading: SourceReading?) throws(Diagnostics) -> String {
        var hash = SHA256()
        guard let reading else {
            hash.update(data: Array("everything".utf8))
            hash.update(data: root.bytes)
            return hash.finalize().digits
        }
        hash.update(data: Array("\(folder)\u{0}".utf8))
        if reading.namesRevision { hash.update(data: Array("commit \(commit)\u{0}".utf8)) }
        for file in reading.files.sorted() {
            hash.update(data: Array("file \(file)\u{0}".utf8))
            try add(try entry(FileName.normal(folder + "/" + file)), to: &hash)
        }
        for listed in reading.folders.sorted() {
            hash.update(data: Array("folder \(listed)\u{0}".utf8))
            switch try place(FileName.normal(folder + "/" + listed)) {
            case .folder(let folder): hash.update(data: folder.namesDigest)
            case .other(let entry): try add(entry, to: &hash)
            }
        }
        return hash.finalize().digits
    }

    private func add(_ entry: KnownTrees.Folder.Entry?, to hash: inout SHA256) throws(Diagnostics) {
        guard let entry else {
            hash.update(data: [0])
            return
        }
        hash.update(data: [entry.kind.mark])
        // A folder where a file was looked for is no file, whatever is in it.
        if entry.kind != .folder { hash.update(data: entry.id.bytes) }
    }

    private mutating func entry(_ path: String) throws(Diagnostics) -> KnownTrees.Folder.Entry? {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        switch try place(parent) {
        case .folder(let folder): return folder.entries[name]
        // Through a link or a submodule nothing is read; another one may be a folder.
        case .other(let entry): return entry
        }
    }

    /// - Parameter path: normal, `.` for the root.
    private mutating func place(_ path: String) throws(Diagnostics) -> Place {
        if let known = places[path] { return known }
        // What lies outside of the repository is in no commit of it.
        if path == ".." || path.hasPrefix("../") { return .other(nil) }
        let found: Place
        if path == "." {
            found = .folder(try trees.folder(root, repository, path: self.path))
        } else if let entry = try entry(path) {
            found =
                entry.kind == .folder
                ? .folder(try trees.folder(entry.id, repository, path: self.path)) : .other(entry)
        } else {
            found = .other(nil)
        }
        places[path] = found
        return found
    }
}

extension SHA256.Digest {
    /// Hexadecimal.
    var digits: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
