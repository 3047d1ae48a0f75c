import PlumbModel

/// What a target stands for on the server at this moment.
struct FollowedAim: Sendable {
    let commit: String
    /// Whole, such as `refs/heads/main`; nil where a commit is followed by its id.
    let reference: String?
    /// For people.
    let name: String
    let branch: String?
    /// The tag, where one is followed.
    let tag: String?
    /// The id of the tag's own object, if it has one.
    let tagObject: String?
    /// Whether its commit was still there, though nothing kept it: maybe only in packs that are about to be removed.
    var wasLetGo = false

    private init(_ found: RemoteReferences.Found, name: String, branch: String?) {
        commit = found.commit
        reference = found.name
        self.name = name
        self.branch = branch
        tag = nil
        tagObject = nil
    }

    private init(tag: String, _ found: RemoteReferences.Found, _ references: RemoteReferences) {
        commit = found.commit
        reference = found.name
        name = tag
        branch = nil
        self.tag = tag
        tagObject = references.tagObject(found.name)
    }

    private init(commit: String) {
        self.commit = commit
        reference = nil
        name = commit
        branch = nil
        tag = nil
        tagObject = nil
    }

    /// - Parameter last: the commit that was noted before, for people.
    static func find(
        _ target: RepositoryDeclaration.Target, in references: RemoteReferences, last: String?
    ) throws(Diagnostics) -> FollowedAim {
        if references.isEmpty { throw Diagnostics(references.emptyOrCleared(last)) }
        switch target {
        case .defaultBranch:
            guard let found = references.find(nil) else { throw Diagnostics(references.unknown(nil)) }
            return FollowedAim(found, name: references.defaultBranch ?? "HEAD", branch: references.defaultBranch)
        case .branch(let name):
            guard let found = references.find("refs/heads/" + name) else {
                throw Diagnostics(references.gone("branch", name, last))
            }
            return FollowedAim(found, name: name, branch: name)
        case .tag(let name):
            guard let found = references.find("refs/tags/" + name) else {
                throw Diagnostics(references.gone("tag", name, last))
            }
            return FollowedAim(tag: name, found, references)
        case .newestTag(let text):
            let range = try VersionRange(text)
            let versions = references.tags.compactMap { tag in SemanticVersion(tag).map { (tag, $0) } }
            // Of `1.2.0` and `v1.2.0` always the same one.
            let newest = versions.filter { range.contains($0.1) }.max { ($0.1, $0.0) < ($1.1, $1.0) }
            guard let newest, let found = references.find("refs/tags/" + newest.0) else {
                throw Diagnostics(references.noVersion(text, versions.sorted { $0.1 > $1.1 }.map(\.0), last))
            }
            return FollowedAim(tag: newest.0, found, references)
        case .commit(let id):
            guard id.utf8.count == 40, id.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 })
            else {
                throw Diagnostics(
                    .error(
                        "Invalid commit",
                        "\"\(id)\" is no whole id of a commit. Give all of its 40 hexadecimal digits; `git rev-parse "
                            + "REVISION` prints them."))
            }
            return FollowedAim(commit: id.lowercased())
        }
    }
}

extension RemoteReferences {
    private func kept(_ last: String?) -> String {
        last.map { " The commit \($0.prefix(12)), which was there before, stays in use." } ?? ""
    }

    fileprivate func emptyOrCleared(_ last: String?) -> Diagnostic {
        .error(
            "Git repository is empty",
            "\(url) has no branch and no tag: nothing has been pushed to it\(last == nil ? " yet" : ", or all was removed")."
                + "\(kept(last)) Push to it, or correct the URL.")
    }

    fileprivate func gone(_ kind: String, _ name: String, _ last: String?) -> Diagnostic {
        let isBranch = kind == "branch"
        let others = isBranch ? branches : tags
        let advice = Suggestion.didYouMean(name, among: others)
        let listed =
            others.isEmpty
            ? "" : " It has: \(others.sorted().prefix(10).joined(separator: ", "))\(others.count > 10 ? ", …" : ".")"
        guard last != nil else {
            return .error(
                isBranch ? "Unknown branch" : "Unknown tag",
                "\(url) has no \(kind) \"\(name)\".\(advice.isEmpty ? listed : advice)")
        }
        return .error(
            isBranch ? "Branch was deleted" : "Tag was deleted",
            "\(url) has no \(kind) \"\(name)\" any more.\(kept(last)) Push it again, or follow another one."
                + (advice.isEmpty ? listed : advice))
    }

    fileprivate func noVersion(_ range: String, _ versions: [String], _ last: String?) -> Diagnostic {
        let listed =
            versions.isEmpty
            ? "None of its tags is a version such as v1.2.0."
            : "Its newest are: \(versions.prefix(10).joined(separator: ", "))\(versions.count > 10 ? ", …" : ".")"
        return .error(
            "No version in the range",
            "\(url) has no tag that is a version in \"\(range)\". \(listed)\(kept(last)) Push such a tag, or widen the range."
        )
    }

    private var branches: [String] {
        names(below: "refs/heads/")
    }
}
