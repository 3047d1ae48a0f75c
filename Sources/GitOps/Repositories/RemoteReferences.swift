import PlumbModel

/// The branches and tags that a repository has on its server at this moment.
public struct RemoteReferences: Sendable {
    public enum Kind: Sendable { case branch, tag, commit }

    /// What a reference stands for now.
    public struct Found: Sendable {
        /// Whole: `refs/tags/v1`.
        public let name: String
        public let commit: String
        public let kind: Kind
    }

    /// For people.
    let url: String
    /// By whole names; tags peeled to their commits.
    private var commits: [String: String] = [:]
    /// The ids of tags that are objects of their own.
    private var tagObjects: [String: String] = [:]
    /// What HEAD leads to, such as `main`, where the server says so.
    let defaultBranch: String?

    /// - Parameter advertised: names and ids as a server lists them, `refs/tags/v1^{}` for what an annotated tag points to.
    ///   `defaultBranch` is whole: `refs/heads/main`.
    init(url: String, advertised: [(name: String, id: String)], defaultBranch: String? = nil) {
        self.url = url
        self.defaultBranch = defaultBranch.flatMap { name in
            name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : nil
        }
        for (name, id) in advertised where !name.hasSuffix("^{}") { commits[name] = id }
        for (name, id) in advertised where name.hasSuffix("^{}") {
            let tag = String(name.dropLast(3))
            tagObjects[tag] = commits[tag]
            commits[tag] = id
        }
    }

    /// The id of a tag that is an object of its own, by its whole name.
    func tagObject(_ name: String) -> String? { tagObjects[name] }

    /// The names of all tags, without `refs/tags/`.
    var tags: [String] {
        names(below: "refs/tags/")
    }

    func names(below prefix: String) -> [String] {
        commits.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    /// Whether nothing has been pushed there.
    var isEmpty: Bool { commits.isEmpty }

    /// What a branch or a tag stands for; nil asks for the default branch. A tag goes before a branch of its name, as
    /// in Git. Ids of commits are not looked for.
    public func find(_ reference: String?) -> Found? {
        guard let reference else { return found("HEAD", .branch) }
        if reference.hasPrefix("refs/") {
            return found(reference, reference.hasPrefix("refs/tags/") ? .tag : .branch)
        }
        return found("refs/tags/" + reference, .tag) ?? found("refs/heads/" + reference, .branch)
    }

    /// A branch or a tag that stands for a commit.
    func name(of commit: String) -> String? {
        commits.filter { $0.value == commit && ($0.key.hasPrefix("refs/heads/") || $0.key.hasPrefix("refs/tags/")) }
            .keys.min()
    }

    private func found(_ name: String, _ kind: Kind) -> Found? {
        commits[name].map { Found(name: name, commit: $0, kind: kind) }
    }

    func unknown(_ reference: String?) -> Diagnostic {
        guard let reference else {
            return .error(
                "Git repository is empty",
                "\(url) has no default branch: nothing has been committed to it, or its HEAD leads nowhere. Push to it, or "
                    + "name a branch or a tag with `?ref=`.")
        }
        let names = commits.keys.flatMap { name in
            ["refs/heads/", "refs/tags/"].filter { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) }
        }.sorted()
        let advice = Suggestion.didYouMean(reference, among: names)
        let listed = names.isEmpty ? "It has none at all." : "It has: \(names.prefix(10).joined(separator: ", "))"
        return .error(
            "Unknown revision",
            "\(url) has no branch or tag \"\(reference)\", nor a commit with that id."
                + (advice.isEmpty ? " \(listed)\(names.count > 10 ? ", …" : names.isEmpty ? "" : ".")" : advice))
    }
}
