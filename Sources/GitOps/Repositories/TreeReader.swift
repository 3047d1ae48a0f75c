import CLibGit2
import PlumbModel

/// One tree of the object database: a folder as it was committed.
struct TreeReader: ~Copyable {
    struct Entry {
        enum Kind { case file, folder, link, submodule }

        let name: [UInt8]
        let kind: Kind
        let id: git_oid
    }

    private let tree: GitObject

    init(_ repository: OpaquePointer, _ id: git_oid, path: String) throws(Diagnostics) {
        var id = id
        var pointer: OpaquePointer?
        let code = git_tree_lookup(&pointer, repository, &id)
        guard code == 0, let pointer else {
            throw Diagnostics(GitFailure(code).damaged(path, while: "reading a folder"))
        }
        tree = GitObject(pointer) { git_tree_free($0) }
    }

    func entry(named name: String) -> Entry? {
        git_tree_entry_byname(tree.pointer, name).flatMap { entry($0) }
    }

    func entries() -> [Entry] {
        (0..<git_tree_entrycount(tree.pointer)).compactMap { index in
            git_tree_entry_byindex(tree.pointer, index).flatMap { entry($0) }
        }
    }

    private func entry(_ pointer: OpaquePointer) -> Entry? {
        guard let name = git_tree_entry_name(pointer), let id = git_tree_entry_id(pointer) else { return nil }
        let kind: Entry.Kind =
            switch git_tree_entry_filemode(pointer) {
            case GIT_FILEMODE_TREE: .folder
            case GIT_FILEMODE_LINK: .link
            case GIT_FILEMODE_COMMIT: .submodule
            default: .file
            }
        let bytes = String(cString: name).utf8.isEmpty ? [] : TreeReader.bytes(name)
        return Entry(name: bytes, kind: kind, id: id.pointee)
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        var bytes: [UInt8] = []
        var cursor = text
        while cursor.pointee != 0 {
            bytes.append(UInt8(bitPattern: cursor.pointee))
            cursor += 1
        }
        return bytes
    }
}
