import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a cache remembers of what it has followed: a file beside it, replaced whole at each change.
///
/// It stands outside of the repository, because that may have to be made anew, and names commits that may be gone.
struct FollowedNotes {
    /// The newest revision of a target.
    struct Newest: Codable, Equatable {
        var commit: String
        var name: String
        var branch: String?
        var tag: String?
        var signer: String?
        /// Of the signers that were asked for when it was verified.
        var signersDigest: String?
    }

    private struct Content: Codable {
        var newest: [String: Newest] = [:]
        /// What each tag that was ever taken stood for.
        var tags: [String: String] = [:]
        /// The commits that were newest, the latest last.
        var recent: [String] = []
        /// Packs that were replaced, with the seconds since 1970 at which they were.
        var retiredPacks: [String: Double] = [:]
    }

    /// So many commits of the past stay readable for whoever has not let go of them yet.
    static let recentLimit = 10

    private let path: String
    private let use: CacheUse
    private var content: Content

    /// A file that cannot be understood is one that was never written: everything is then seen for the first time.
    init(_ path: String, _ use: CacheUse) {
        self.path = path
        self.use = use
        let data = try? Data(contentsOf: URL(filePath: path))
        content = data.flatMap { try? JSONDecoder().decode(Content.self, from: $0) } ?? Content()
    }

    func newest(of target: RepositoryDeclaration.Target) -> Newest? { content.newest[Self.key(target)] }
    func commit(ofTag tag: String) -> String? { content.tags[tag] }
    var recent: [String] { content.recent }
    /// Of every target that was followed.
    var allNewest: [String] { content.newest.values.map(\.commit) }

    var retiredPacks: [String: Double] {
        get { content.retiredPacks }
        set { content.retiredPacks = newValue }
    }

    mutating func note(_ newest: Newest, of target: RepositoryDeclaration.Target) {
        content.newest[Self.key(target)] = newest
        if let tag = newest.tag { content.tags[tag] = newest.commit }
        guard content.recent.last != newest.commit else { return }
        content.recent = (content.recent.filter { $0 != newest.commit } + [newest.commit]).suffix(Self.recentLimit)
    }

    /// The range of versions is left out: a narrower one is no reason to forget what was newest.
    private static func key(_ target: RepositoryDeclaration.Target) -> String {
        switch target {
        case .defaultBranch: "default"
        case .branch(let name): "branch " + name
        case .tag(let name): "tag " + name
        case .newestTag: "version"
        case .commit: "commit"
        }
    }

    func save() throws(Diagnostics) {
        let draft = path + ".new"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(content)
        } catch {
            throw Diagnostics(use.unwritable("\"\(path)\"", because: "\(error)"))
        }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Diagnostics(use.unwritable(draft)) }
        let written = data.withUnsafeBytes { put(descriptor, $0) }
        let isDurable = written && fsync(descriptor) == 0
        let problem = isDurable ? nil : use.unwritable(draft)
        close(descriptor)
        if let problem { throw Diagnostics(problem) }
        guard rename(draft, path) == 0 else { throw Diagnostics(use.unwritable(path)) }
    }

    private func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
