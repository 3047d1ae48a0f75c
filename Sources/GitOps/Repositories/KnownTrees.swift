import CLibGit2
import Crypto
import PlumbModel
import Synchronization

/// Folders of commits as they were read, by the ids of their trees: the same id is the same folder in every commit.
final class KnownTrees: Sendable {
    /// What stands directly in a folder.
    struct Folder: Sendable {
        struct Entry: Sendable {
            let kind: TreeReader.Entry.Kind
            let id: TreeID
        }

        let entries: [String: Entry]
        /// Over names and kinds, not over contents.
        let namesDigest: [UInt8]
    }

    private static let limit = 50_000
    private let folders = Mutex<[TreeID: Folder]>([:])

    func folder(_ id: TreeID, _ repository: OpaquePointer, path: String) throws(Diagnostics) -> Folder {
        if let known = folders.withLock({ $0[id] }) { return known }
        let read = try Self.read(id, repository, path: path)
        folders.withLock { folders in
            // Folders of commits that nobody asks for any more must not fill the memory.
            if folders.count >= Self.limit { folders.removeAll() }
            folders[id] = read
        }
        return read
    }

    private static func read(
        _ id: TreeID, _ repository: OpaquePointer, path: String
    ) throws(Diagnostics) -> Folder {
        var entries: [String: Folder.Entry] = [:]
        var names = SHA256()
        for entry in try TreeReader(repository, id.oid, path: path).entries() {
            names.update(data: entry.name)
            names.update(data: [0, entry.kind.mark])
            // A name that is no text belongs to no file that a stack could ask for.
            guard let name = String(validating: entry.name, as: UTF8.self) else { continue }
            entries[name] = Folder.Entry(kind: entry.kind, id: TreeID(entry.id))
        }
        return Folder(entries: entries, namesDigest: Array(names.finalize()))
    }
}

/// The id of an object of Git, as a key.
struct TreeID: Hashable, Sendable {
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    init(_ id: git_oid) {
        (high, middle, low) = withUnsafeBytes(of: id.id) { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
            )
        }
    }

    var bytes: [UInt8] {
        [high, middle].flatMap { withUnsafeBytes(of: $0) { Array($0) } } + withUnsafeBytes(of: low) { Array($0) }
    }

    var oid: git_oid {
        var id = git_oid()
        withUnsafeMutableBytes(of: &id.id) { $0.copyBytes(from: bytes) }
        return id
    }
}

extension TreeReader.Entry.Kind {
    /// Tells kinds apart in digests.
    var mark: UInt8 {
        switch self {
        case .file: UInt8(ascii: "f")
        case .folder: UInt8(ascii: "d")
        case .link: UInt8(ascii: "l")
        case .submodule: UInt8(ascii: "s")
        }
    }
}
