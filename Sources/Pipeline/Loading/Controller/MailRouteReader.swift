import PlumbModel

/// Reads by which server a notification by mail goes, from whom and to whom.
struct MailRouteReader {
    static let keys = ["server", "from", "to", "user", "password", "plaintext", "ca_file"]

    private let folder: String
    private var problems = Diagnostics()
    private static let mostRecipients = 64
    private static let example =
        "`{type: email, server: smtps://mail.example.org, from: plumb@example.org, to: [ops@example.org]}`"

    /// - Parameter range: of the notification's name.
    /// - Throws: all that is wrong with it.
    static func read(
        _ mapping: MappingReader, folder: String, at range: SourceRange
    ) throws(Diagnostics) -> MailRoute {
        var reader = MailRouteReader(folder: folder)
        let route = reader.read(mapping, at: range)
        try reader.problems.throwIfErrors()
        guard let route else { preconditionFailure("What could not be read was reported.") }
        return route
    }

    private init(folder: String) { self.folder = folder }

    private mutating func read(_ mapping: MappingReader, at range: SourceRange) -> MailRoute? {
        for key in ["server", "from", "to"] where mapping[key] == nil {
            problems.append(
                .error("Notification is incomplete", "It has no `\(key)`: \(Self.example).", at: range))
        }
        let isPlain = problems.collect { () throws(Diagnostics) in
            try LiteralReader.bool(mapping["plaintext"], "plaintext", default: false)
        }
        let server = mapping["server"].flatMap { self.server($0, isPlain: isPlain ?? false) }
        let from = mapping["from"].flatMap { address($0, "from") }
        let to = mapping["to"].map { node in
            let items = node.sequence ?? [node]
            if items.isEmpty || items.count > Self.mostRecipients {
                report("Invalid list", "`to` has 1 to \(Self.mostRecipients) addresses.", node)
            }
            return items.compactMap { address($0, "to") }
        }
        let login = login(mapping)
        guard var route = server, let from, let to else { return nil }
        route.from = from
        route.to = to
        route.login = login
        if login != nil, route.security == .none, !route.host.isLoopback {
            report(
                "Password without TLS",
                "With `plaintext: true` the password would go over the network for everybody to read. Remove `plaintext`, or `user` "
                    + "and `password`.", mapping["plaintext"] ?? mapping.node)
        }
        if let node = mapping["ca_file"], !node.isNothing {
            route.authorities = text(node, "ca_file").map { ControllerReader.absolute($0, folder) }
        }
        return route
    }

    private mutating func server(_ node: SpecificationNode, isPlain: Bool) -> MailRoute? {
        guard let url = text(node, "server") else { return nil }
        let isTLS = url.hasPrefix("smtps://")
        guard isTLS || url.hasPrefix("smtp://") else {
            report("Invalid address", "`server` begins with `smtps://`, or with `smtp://` for STARTTLS.", node)
            return nil
        }
        var authority = url.dropFirst(isTLS ? 8 : 7)
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        if authority.contains("@") {
            report(
                "Secret in the configuration",
                "A user and a password must not stand in the URL. Name where they are read: `user: {env: NAME}` and "
                    + "`password: {env: NAME}`.", node)
            return nil
        }
        if isTLS, isPlain {
            report("Contradiction", "`smtps://` is TLS, and `plaintext: true` asks for none: remove one.", node)
        }
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        let colon = authority[(bracket ?? authority.startIndex)...].lastIndex(of: ":")
        let host = authority[..<(colon ?? authority.endIndex)]
        let port =
            colon.map { Int(authority[authority.index(after: $0)...]) ?? 0 } ?? (isTLS ? 465 : isPlain ? 25 : 587)
        let isHost = host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_[]:".contains($0)) }
        guard !host.isEmpty, isHost, (1...65_535).contains(port) else {
            report(
                "Invalid address",
                "`server` is a scheme, a host, and a port where it is an unusual one: `smtp://mail.example.org:587`.",
                node)
            return nil
        }
        return MailRoute(
            host: String(host), port: port, security: isTLS ? .tls : isPlain ? .none : .startTLS, from: "", to: [])
    }

    private mutating func login(_ mapping: MappingReader) -> MailRoute.Login? {
        switch (mapping["user"], mapping["password"]) {
        case (nil, nil): return nil
        case (let user?, let password?):
            let user = secret(user, "user")
            let password = secret(password, "password")
            guard let user, let password else { return nil }
            return MailRoute.Login(user: user, password: password)
        case (let user?, nil):
            report("Login is incomplete", "`user` needs a `password`: `password: {env: NAME}`.", user)
        case (nil, let password?):
            report("Login is incomplete", "`password` needs a `user`: `user: {env: NAME}`.", password)
        }
        return nil
    }

    /// As a server and a header take it: nothing in it ends a command or a line.
    private mutating func address(_ node: SpecificationNode, _ key: String) -> String? {
        guard let text = text(node, key) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !text.contains { "<>()[]\\,;:\"".contains($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain, text.utf8.count <= 254 else {
            report("Invalid mail address", "`\(key)` has addresses alone, such as `ops@example.org`.", node)
            return nil
        }
        return text
    }

    // MARK: - Scalars

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
