import CLibGit2
import PlumbModel

/// A commit or a tag with the signature that it bears.
struct SignedObject {
    enum Kind: String { case commit, tag }

    let kind: Kind
    /// Nil for an object that nobody signed.
    let signature: String?
    let payload: [UInt8]
    /// When it says that it was made, in seconds since 1970.
    let madeAt: Double

    /// What may bear the signature of what is followed: the tag, if it is an object of its own, and the commit.
    static func all(
        of aim: FollowedAim, in repository: OpaquePointer, url: String
    ) throws(Diagnostics) -> [SignedObject] {
        let commit = try commit(aim.commit, repository, url)
        guard let tag = aim.tagObject, let name = aim.tag else { return [commit] }
        return [try self.tag(tag, named: name, of: aim.commit, repository, url)].compactMap { $0 } + [commit]
    }

    private static func commit(
        _ commit: String, _ repository: OpaquePointer, _ url: String
    ) throws(Diagnostics) -> SignedObject {
        let madeAt = try CommitReader(repository, commit, path: url).committedAt
        var id = git_oid()
        var (signature, payload) = (git_buf(), git_buf())
        var code = git_oid_fromstr(&id, commit)
        if code == 0 { code = git_commit_extract_signature(&signature, &payload, repository, &id, "gpgsig") }
        defer {
            git_buf_dispose(&signature)
            git_buf_dispose(&payload)
        }
        if code == GIT_ENOTFOUND.rawValue {
            return SignedObject(kind: .commit, signature: nil, payload: [], madeAt: madeAt)
        }
        guard code == 0 else {
            throw Diagnostics(GitFailure(code).damaged(url, while: "reading the signature of \(commit)"))
        }
        return SignedObject(
            kind: .commit, signature: String(decoding: bytes(signature), as: UTF8.self), payload: bytes(payload),
            madeAt: madeAt)
    }

    private static func bytes(_ buffer: git_buf) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }

    /// Nil for a tag that does not speak of this name and this commit: it was made for something else.
    private static func tag(
        _ tag: String, named name: String, of commit: String, _ repository: OpaquePointer, _ url: String
    ) throws(Diagnostics) -> SignedObject? {
        var id = git_oid()
        var pointer: OpaquePointer?
        var code = git_oid_fromstr(&id, tag)
        if code == 0 { code = git_tag_lookup(&pointer, repository, &id) }
        guard code == 0, let pointer else {
            throw Diagnostics(GitFailure(code).damaged(url, while: "reading the tag \(name)"))
        }
        let object = GitObject(pointer) { git_tag_free($0) }
        guard let target = git_tag_target_id(object.pointer), identifier(target) == commit,
            git_tag_name(object.pointer).map({ String(cString: $0) }) == name
        else { return nil }
        let madeAt = git_tag_tagger(object.pointer).map { Double($0.pointee.when.time) } ?? 0
        let whole = try contents(&id, repository, url)
        guard let start = signatureStart(in: whole) else {
            return SignedObject(kind: .tag, signature: nil, payload: [], madeAt: madeAt)
        }
        return SignedObject(
            kind: .tag, signature: String(decoding: whole[start...], as: UTF8.self), payload: Array(whole[..<start]),
            madeAt: madeAt)
    }

    private static func contents(
        _ id: inout git_oid, _ repository: OpaquePointer, _ url: String
    ) throws(Diagnostics) -> [UInt8] {
        var pointer: OpaquePointer?
        var code = git_repository_odb(&pointer, repository)
        guard code == 0, let pointer else {
            throw Diagnostics(GitFailure(code).damaged(url, while: "opening the object database"))
        }
        let database = GitObject(pointer) { git_odb_free($0) }
        var read: OpaquePointer?
        code = git_odb_read(&read, database.pointer, &id)
        guard code == 0, let read else {
            throw Diagnostics(GitFailure(code).damaged(url, while: "reading a tag"))
        }
        let object = GitObject(read) { git_odb_object_free($0) }
        return Array(
            UnsafeRawBufferPointer(
                start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer)))
    }

    /// A tag's signature is the end of its text: from the last line that begins one, as in Git.
    private static func signatureStart(in text: [UInt8]) -> Int? {
        let heads = [
            "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----", "-----BEGIN SSH SIGNATURE-----",
            "-----BEGIN SIGNED MESSAGE-----",
        ].map { Array($0.utf8) }
        var found: Int?
        var line = 0
        while line < text.count {
            if heads.contains(where: { text[line...].starts(with: $0) }) { found = line }
            guard let end = text[line...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            line = end + 1
        }
        return found
    }
}
