import PlumbModel

/// Reads `forge` of a repository in a controller's configuration.
struct ForgeReader {
    private let url: RepositoryURL
    private let folder: String
    private var problems = Diagnostics()

    private static let example = "`{type: github, token: {env: GITHUB_TOKEN}}`"

    /// - Parameter url: of the repository, from which follows what is not said.
    /// - Throws: all that is wrong with it.
    static func read(_ node: SpecificationNode, url: String, folder: String) throws(Diagnostics) -> ForgeDeclaration {
        let mapping = try MappingReader(node, "`forge`", example: example)
        var reader = ForgeReader(url: RepositoryURL(url), folder: folder)
        let forge = reader.read(mapping)
        try reader.problems.throwIfErrors()
        guard let forge else { preconditionFailure("What could not be read was reported.") }
        return forge
    }

    private init(url: RepositoryURL, folder: String) {
        self.url = url
        self.folder = folder
    }

    private mutating func read(_ mapping: MappingReader) -> ForgeDeclaration? {
        mapping.refuseUnknown(
            ["type", "api", "repository", "token", "app", "status", "drift_issues"], of: "`forge`", &problems)
        let kind = kind(mapping)
        let credentials = credentials(mapping, kind)
        guard let kind else { return nil }
        let api = api(mapping, kind)
        let repository = repository(mapping, kind)
        let status = statusName(mapping["status"])
        let hasDriftIssues = problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(mapping["drift_issues"], "drift_issues", default: false)
        }
        guard let repository, let credentials else { return nil }
        var forge = ForgeDeclaration(kind: kind, api: api, repository: repository, credentials: credentials)
        forge.statusName = status
        forge.hasDriftIssues = hasDriftIssues ?? false
        return forge
    }

    private mutating func kind(_ mapping: MappingReader) -> ForgeKind? {
        let names = ForgeKind.allCases.map(\.rawValue)
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        guard let node = mapping["type"] else {
            report("Forge has no type", "`type` is one of \(list); Forgejo is a `gitea`.", mapping.node)
            return nil
        }
        let text = node.scalar?.value.asString ?? ""
        if let kind = ForgeKind(rawValue: text) { return kind }
        let hint = text.lowercased() == "forgejo" ? " Forgejo is a `gitea`." : Suggestion.didYouMean(text, among: names)
        report(
            "Unknown forge",
            "`type` is one of \(list); here stands \(text.isEmpty ? node.phrase : "\"\(text)\"").\(hint)", node)
        return nil
    }

    /// Nil for the public service, where the repository is at it.
    private mutating func api(_ mapping: MappingReader, _ kind: ForgeKind) -> String? {
        if let node = mapping["api"], !node.isNothing {
            guard let text = text(node, "api") else { return nil }
            let address = RepositoryURL(text)
            if !address.isHTTP || address.hasUser {
                report(
                    "Invalid address",
                    "`api` is the address of the forge's API, such as `https://git.example.org\(Self.suffix(kind))`, without a user.",
                    node)
            }
            return text
        }
        guard let origin = url.origin else {
            report(
                "Forge has no address",
                "The repository's URL names no server. Say where the forge is: `api: https://git.example.org\(Self.suffix(kind))`.",
                mapping.node)
            return nil
        }
        let isPublic = kind == .github && url.isAt("github.com") || kind == .gitlab && url.isAt("gitlab.com")
        return isPublic ? nil : origin + Self.suffix(kind)
    }

    private static func suffix(_ kind: ForgeKind) -> String {
        switch kind {
        case .github: "/api/v3"
        case .gitlab: "/api/v4"
        case .gitea: "/api/v1"
        }
    }

    private mutating func repository(_ mapping: MappingReader, _ kind: ForgeKind) -> String? {
        let shape = kind == .gitlab ? "group/name, with all subgroups" : "owner/name"
        let node = mapping["repository"]
        let given = node.flatMap { text($0, "repository") }
        if node != nil, given == nil { return nil }
        let path = given ?? url.path
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isRight = kind == .gitlab ? parts.count >= 2 : parts.count == 2
        guard isRight, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            report(
                "Invalid repository",
                given.map { "\"\($0)\" is no repository of \(kind.title): write \(shape)." }
                    ?? "What the repository is called at \(kind.title) does not follow from its URL. Say it: `repository: \(shape)`.",
                node ?? mapping.node)
            return nil
        }
        return path
    }

    // MARK: - Credentials

    private mutating func credentials(_ mapping: MappingReader, _ kind: ForgeKind?) -> ForgeDeclaration.Credentials? {
        switch (mapping["token"], mapping["app"]) {
        case (let token?, nil): return secret(token, "token").map { .token($0) }
        case (nil, let app?):
            if let kind, kind != .github {
                report("Wrong credentials", "\(kind.title) has no Apps: give a `token`.", app)
            }
            return self.app(app)
        case (_?, let app?):
            report("Several credentials", "A forge is asked with a `token` or as an `app`: remove one.", app)
            return nil
        case (nil, nil):
            report(
                "Forge has no credentials",
                "Say where the token is read, `token: {env: NAME}`, or as which GitHub App is asked, "
                    + "`app: {id: 12345, key: {file: app.pem}}`.", mapping.node)
            return nil
        }
    }

    private mutating func app(_ node: SpecificationNode) -> ForgeDeclaration.Credentials? {
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`app`", example: "`{id: 12345, key: {file: app.pem}}`")
        }
        guard let mapping = read else { return nil }
        mapping.refuseUnknown(["id", "key", "installation"], of: "`app`", &problems)
        // A number, or a client ID.
        let id = mapping["id"]?.scalar.map(\.text) ?? ""
        if id.isEmpty || !id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }) {
            report("Invalid App", "`id` is the App's number, or its client ID.", mapping["id"] ?? node)
        }
        var installation: Int?
        if let node = mapping["installation"], !node.isNothing {
            installation = node.scalar?.value.asInt
            if (installation ?? 0) < 1 { report("Invalid number", "`installation` is a whole number.", node) }
        }
        guard let key = mapping["key"] else {
            report("App has no key", "`key` says where its private key is read: `{file: app.pem}`.", node)
            return nil
        }
        return secret(key, "key").map { .app(id: id, key: $0, installation: installation) }
    }

    // MARK: - Scalars

    private mutating func statusName(_ node: SpecificationNode?) -> String? {
        guard let node, !node.isNothing, node.scalar?.value.asBool != true else {
            return ForgeDeclaration.usualStatusName
        }
        if node.scalar?.value.asBool == false { return nil }
        let name = text(node, "status") ?? ""
        if name.isEmpty || name.unicodeScalars.count > 60 || !name.allSatisfy({ $0.isASCII && $0.asciiValue ?? 0 > 32 })
        {
            report(
                "Invalid name",
                "`status` is what the names of commit statuses begin with, such as `plumbline`: 1 to 60 "
                    + "visible ASCII characters without spaces; `false` sends none.", node)
        }
        return name
    }

    private mutating func secret(_ node: SpecificationNode, _ key: String) -> SecretReference? {
        problems.collect { [folder] () throws(Diagnostics) in try SecretReferenceReader.read(node, key, folder: folder)
        }
    }

    private mutating func text(_ node: SpecificationNode, _ key: String) -> String? {
        let text = problems.collect { () throws(Diagnostics) in try LiteralReader.text(node, key) }
        return text ?? nil
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }
}

/// What the URL of a repository says of the server that it is at.
struct RepositoryURL {
    /// Where the same server would be asked by HTTP: `https://git.example.org`, with the port of an HTTP URL; nil for paths.
    let origin: String?
    /// Without a slash before it and `.git` behind it.
    let path: String
    let hasUser: Bool
    /// Whether it is asked by HTTP itself.
    let isHTTP: Bool
    let isTLS: Bool
    let isSSH: Bool
    private let host: String

    init(_ url: String) {
        var scheme = ""
        var rest = url[...]
        if let mark = url.firstRange(of: "://") {
            scheme = url[..<mark.lowerBound].lowercased()
            rest = url[mark.upperBound...]
        } else if let colon = url.firstIndex(of: ":"), !url[..<colon].contains("/") {
            // Git's short form of SSH.
            scheme = "ssh"
            rest = Substring(url[..<colon] + "/" + url[url.index(after: colon)...])
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        hasUser = authority.contains("@")
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let isWeb = scheme == "http" || scheme == "https"
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        let colon = authority[(bracket ?? authority.startIndex)...].lastIndex(of: ":")
        let host = String(authority[..<(colon ?? authority.endIndex)]).lowercased()
        self.host = host
        let isServer = (isWeb || scheme == "ssh" || scheme == "git") && !host.isEmpty
        origin = isServer ? (scheme == "http" ? "http://" : "https://") + (isWeb ? String(authority) : host) : nil
        isHTTP = isWeb && isServer
        isTLS = scheme == "https"
        isSSH = scheme == "ssh"
        var path = isServer ? rest[slash...].drop { $0 == "/" } : ""
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        self.path = String(path)
    }

    /// Whether nobody else can listen on the way.
    var isLoopback: Bool { host.isLoopback }

    /// Whether it is that public service, by whatever name of it.
    func isAt(_ name: String) -> Bool { host == name || host.hasSuffix("." + name) }
}

extension String {
    /// Whether it names this machine, as the host of a URL does.
    var isLoopback: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return self == "localhost" || self == "[::1]"
            || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
