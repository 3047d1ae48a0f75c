import PlumbModel

/// Reads one entry of `repositories` in a controller's configuration.
struct FollowingReader {
    private let name: String
    private let folder: String
    private var problems = Diagnostics()

    private static let example = "`{url: https://git.example.org/infra, branch: main}`"

    /// - Throws: all that is wrong with it.
    static func read(
        _ entry: SpecificationNode.Entry, folder: String
    ) throws(Diagnostics) -> ControllerConfiguration.Following {
        var reader = FollowingReader(name: entry.key, folder: folder)
        let mapping = try MappingReader(entry.value, "a repository", example: example)
        let following = reader.read(mapping, at: entry.keyRange)
        try reader.problems.throwIfErrors()
        return following
    }

    private init(name: String, folder: String) {
        self.name = name
        self.folder = folder
    }

    private mutating func read(_ mapping: MappingReader, at range: SourceRange) -> ControllerConfiguration.Following {
        mapping.refuseUnknown(
            [
                "url", "branch", "tag", "semver", "commit", "stacks", "interval", "credentials", "signatures",
                "forge", "pull_requests",
            ], of: "A repository", &problems)
        var repository = RepositoryDeclaration(name: name, url: "")
        if let node = mapping["url"], let url = text(node, "url"), !url.isEmpty {
            let isPath = url.hasPrefix("./") || url.hasPrefix("../")
            repository.url = isPath ? ControllerReader.absolute(url, folder) : url
            if url.contains("://"), let host = url.split(separator: "/", maxSplits: 3).dropFirst().first,
                let at = host.lastIndex(of: "@"), host[..<at].contains(":")
            {
                report(
                    "Secret in the configuration",
                    "A password must not stand in a URL. Name where it is read: `credentials: {token: {env: NAME}}`.",
                    node)
            }
        } else if mapping["url"] == nil || problems.isEmpty {
            report("Repository has no URL", "`url` says where the repository is: \(Self.example).", mapping.node)
        }
        repository.target = target(mapping)
        if let node = mapping["credentials"], !node.isNothing {
            repository.credentials = credentials(node, for: repository.url)
        }
        if let node = mapping["signatures"], !node.isNothing { repository.signers = signers(node) }
        var interval = 60.0
        if let node = mapping["interval"], !node.isNothing {
            let seconds = node.scalar?.value.asString.flatMap(Duration.seconds(parsing:))
            if let seconds, (0.1...86_400).contains(seconds) {
                interval = seconds
            } else {
                report("Invalid duration", "`interval` is a duration from 100ms to a day, such as `60s`.", node)
            }
        }
        let folders = mapping["stacks"].flatMap { self.folders($0) } ?? ["**"]
        var forge: ForgeDeclaration?
        if let node = mapping["forge"], !node.isNothing {
            forge = problems.collect { [folder] () throws(Diagnostics) in
                try ForgeReader.read(node, url: repository.url, folder: folder)
            }
        }
        var following = ControllerConfiguration.Following(
            repository, folders: folders, interval: interval, forge: forge, at: range)
        following.pullRequests = pullRequests(mapping, forge?.kind)
        return following
    }

    private mutating func pullRequests(_ mapping: MappingReader, _ kind: ForgeKind?) -> PullRequestSettings? {
        guard let node = mapping["pull_requests"], !node.isNothing else { return nil }
        if mapping["forge"]?.isNothing ?? true {
            report(
                "Pull requests without a forge",
                "`pull_requests` needs `forge`, which says where they are and with what token: "
                    + "`forge: {type: github, token: {env: GITHUB_TOKEN}}`.", node)
        }
        if let other = ["tag", "semver", "commit"].first(where: { mapping[$0] != nil }) {
            report(
                "Pull requests without a branch",
                "Pull requests are proposed to a branch, and this repository is followed at a `\(other)`. Follow a `branch`, or "
                    + "remove `pull_requests`.", node)
        }
        return problems.collect { () throws(Diagnostics) in try PullRequestSettingsReader.read(node, at: kind) }
    }

    private mutating func target(_ mapping: MappingReader) -> RepositoryDeclaration.Target {
        let given = ["branch", "tag", "semver", "commit"].compactMap { key in mapping[key].map { (key, $0) } }
        if let second = given.dropFirst().first {
            report(
                "Several targets",
                "A repository is followed at one of `branch`, `tag`, `semver` and `commit`: remove `\(second.0)` or `\(given[0].0)`.",
                second.1)
        }
        guard let (key, node) = given.first, let text = text(node, key) else { return .defaultBranch }
        switch key {
        case "branch":
            checkName(text, key, node)
            return .branch(text)
        case "tag":
            checkName(text, key, node)
            return .tag(text)
        case "semver":
            problems.collect { () throws(Diagnostics) in try Self.checkRange(text, node) }
            return .newestTag(matching: text)
        default:
            if text.count != 40 || !text.allSatisfy(\.isHexDigit) {
                report("Invalid commit", "`commit` is the whole id of a commit: 40 hexadecimal digits.", node)
            }
            return .commit(text.lowercased())
        }
    }

    private mutating func checkName(_ name: String, _ key: String, _ node: SpecificationNode) {
        guard let reason = ReferenceName.problem(with: name) else { return }
        report(
            "Invalid \(key)",
            "Git has no \(key) called \"\(name)\": \(reason). Write its name alone, such as "
                + (key == "branch" ? "`main`." : "`v1.2.0`; `semver` takes a range of versions."), node)
    }

    private static func checkRange(_ text: String, _ node: SpecificationNode) throws(Diagnostics) {
        do throws(Diagnostics) {
            _ = try VersionRange(text)
        } catch {
            throw Diagnostics(
                error.all.map { problem in
                    Diagnostic(problem.severity, problem.summary, problem.detail, at: node.range.firstLine)
                })
        }
    }

    private mutating func credentials(
        _ node: SpecificationNode, for url: String
    ) -> RepositoryDeclaration.Credentials {
        var credentials = RepositoryDeclaration.Credentials()
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`credentials`", example: "`{token: {env: GIT_TOKEN}}`")
        }
        guard let mapping = read else { return credentials }
        mapping.refuseUnknown(["token", "ssh_key", "known_hosts", "user"], of: "`credentials`", &problems)
        if let token = mapping["token"], !token.isNothing {
            let reference = problems.collect { [folder] () throws(Diagnostics) in
                try SecretReferenceReader.read(token, "token", folder: folder)
            }
            switch reference {
            case .environment(let name): credentials.tokenVariable = name
            case .file(let path): credentials.tokenFile = path
            case nil: break
            }
        }
        credentials.keyFile = path(mapping["ssh_key"], "ssh_key")
        credentials.knownHostsFile = path(mapping["known_hosts"], "known_hosts")
        credentials.user = mapping["user"].flatMap { text($0, "user") }
        problems.append(CredentialCheck.problems(with: mapping, for: url))
        return credentials
    }

    private mutating func signers(_ node: SpecificationNode) -> RepositoryDeclaration.Signers? {
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`signatures`", example: "`{ssh: [\"alice@example.org ssh-ed25519 AAAA…\"]}`")
        }
        guard let mapping = read else { return nil }
        mapping.refuseUnknown(["ssh", "gpg"], of: "`signatures`", &problems)
        let ssh = mapping["ssh"].map { texts($0, "ssh") } ?? []
        let gpg = mapping["gpg"].map { texts($0, "gpg") } ?? []
        if ssh.isEmpty, gpg.isEmpty, problems.isEmpty {
            report(
                "No signers",
                "`signatures` names whose are believed: lines of OpenSSH's `allowed_signers` under `ssh`, files with public keys "
                    + "under `gpg`. Without any, no commit would ever be applied.", node)
        }
        for node in mapping["ssh"].map({ $0.sequence ?? [$0] }) ?? [] {
            guard let text = node.scalar?.value.asString, let problem = AllowedSigner.problem(with: text) else {
                continue
            }
            report(
                "Invalid signer",
                "\(problem.prefix(1).uppercased() + problem.dropFirst()). A line of `ssh` says whose key it is, and the public key, "
                    + "such as `alice@example.org ssh-ed25519 AAAA…`.", node)
        }
        return .init(ssh: ssh, gpgKeyFiles: gpg.map { ControllerReader.absolute($0, folder) })
    }

    private mutating func folders(_ node: SpecificationNode) -> [String]? {
        problems.collect { () throws(Diagnostics) in
            try GlobReader.read(node, "stacks", of: .folders).map(\.text)
        }
    }

    // MARK: - Scalars

    private mutating func path(_ node: SpecificationNode?, _ key: String) -> String? {
        node.flatMap { text($0, key) }.map { ControllerReader.absolute($0, folder) }
    }

    private mutating func text(_ node: SpecificationNode, _ key: String) -> String? {
        let text = problems.collect { () throws(Diagnostics) in try LiteralReader.text(node, key) }
        return text ?? nil
    }

    /// A string, or a list of such.
    private mutating func texts(_ node: SpecificationNode, _ key: String) -> [String] {
        let texts = (node.sequence ?? [node]).compactMap { text($0, key) }
        if texts.isEmpty, problems.isEmpty { report("Empty list", "`\(key)` must hold something.", node) }
        return texts
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }
}
