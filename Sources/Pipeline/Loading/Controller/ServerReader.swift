import PlumbModel

/// Reads `server` of a controller's configuration: where its API is served, and to whom.
struct ServerReader {
    private let folder: String
    private var problems = Diagnostics()
    private var settings = ServerSettings()
    private var secrets: [WebhookSecret.Forge: SecretReference] = [:]

    private static let example = "`{listen: \"127.0.0.1:8470\"}`"

    /// - Throws: all that is wrong with it.
    static func read(
        _ node: SpecificationNode, folder: String
    ) throws(Diagnostics) -> (settings: ServerSettings, secrets: [WebhookSecret.Forge: SecretReference]) {
        let mapping = try MappingReader(node, "`server`", example: example)
        var reader = ServerReader(folder: folder)
        reader.read(mapping)
        try reader.problems.throwIfErrors()
        return (reader.settings, reader.secrets)
    }

    private init(folder: String) { self.folder = folder }

    private mutating func read(_ mapping: MappingReader) {
        mapping.refuseUnknown(
            ["listen", "url", "tls", "plaintext", "open_metrics", "connections", "tokens", "webhooks"], of: "`server`",
            &problems)
        if let node = mapping["listen"], !node.isNothing { read(listen: node) }
        if let node = mapping["url"], !node.isNothing { read(url: node) }
        if let node = mapping["tls"], !node.isNothing { read(tls: node) }
        settings.allowsPlaintext = bool(mapping, "plaintext")
        if settings.exposesTokens {
            problems.append(.exposedTokens(settings.address, at: (mapping["listen"] ?? mapping.node).range.firstLine))
        }
        settings.hasOpenMetrics = bool(mapping, "open_metrics")
        if let node = mapping["connections"], !node.isNothing {
            if let count = node.scalar?.value.asInt, (1...100_000).contains(count) {
                settings.maximumConnections = count
            } else {
                report("Invalid number", "`connections` is a whole number from 1 to 100000.", node)
            }
        }
        for entry in entries(mapping["tokens"], "`tokens`", "`{alice: {sha256: …, role: viewer}}`") {
            read(token: entry)
        }
        for entry in entries(mapping["webhooks"], "`webhooks`", "`{github: {env: WEBHOOK_SECRET}}`") {
            read(webhook: entry)
        }
    }

    private mutating func read(listen node: SpecificationNode) {
        let text = text(node, "listen") ?? ""
        if text.hasPrefix("unix:") {
            settings.address = .unix(path: ControllerReader.absolute(String(text.dropFirst(5)), folder))
            return
        }
        let colon = text.lastIndex(of: ":")
        let port = colon.flatMap { Int(text[text.index(after: $0)...]) }
        var host = colon.map { String(text[..<$0]) } ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard let port, (0...65_535).contains(port), !host.isEmpty else {
            return report(
                "Invalid address",
                "`listen` is a host and a port, such as `127.0.0.1:8470` or `[::]:8470`, or `unix:` and a path.", node)
        }
        settings.address = .tcp(host: host, port: port)
    }

    private mutating func read(url node: SpecificationNode) {
        guard var text = text(node, "url") else { return }
        let address = RepositoryURL(text)
        let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !text.contains { "?#<>\"`".contains($0) }
        guard address.isHTTP, !address.hasUser, isPlain else {
            return report(
                "Invalid address",
                "`url` is where people reach the controller, such as `https://plumb.example.org`, without a user.", node
            )
        }
        while text.hasSuffix("/") { text.removeLast() }
        settings.url = text
    }

    private mutating func read(tls node: SpecificationNode) {
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`tls`", example: "`{certificate: tls.crt, key: tls.key}`")
        }
        guard let mapping = read else { return }
        mapping.refuseUnknown(["certificate", "key"], of: "`tls`", &problems)
        guard let certificate = mapping["certificate"].flatMap({ text($0, "certificate") }),
            let key = mapping["key"].flatMap({ text($0, "key") })
        else { return report("Incomplete TLS", "`tls` names two PEM files: `certificate` and `key`.", node) }
        settings.tls = .init(
            certificate: ControllerReader.absolute(certificate, folder), key: ControllerReader.absolute(key, folder))
    }

    private mutating func read(token entry: SpecificationNode.Entry) {
        let read = problems.collect { () throws(Diagnostics) in
            try MappingReader(entry.value, "a token", example: "`{sha256: …, role: viewer}`")
        }
        guard let mapping = read else { return }
        mapping.refuseUnknown(["sha256", "role", "stacks", "expires"], of: "A token", &problems)
        let role = mapping["role"].flatMap { text($0, "role") } ?? ""
        let names = APIRole.allCases.map(\.rawValue)
        if APIRole(rawValue: role) == nil {
            report(
                "Unknown role",
                "`role` is one of \(names.map { "`\($0)`" }.joined(separator: ", ")).\(Suggestion.didYouMean(role, among: names))",
                mapping["role"] ?? entry.value)
        }
        var expires: Double?
        if let node = mapping["expires"] {
            expires = node.scalar.flatMap { InstantText.seconds(parsing: $0.text) }
            if expires == nil { report("Invalid date", "`expires` is a date, such as \"2027-01-31\".", node) }
        }
        let stacks = mapping["stacks"].map { node in
            problems.collect { () throws(Diagnostics) in
                try GlobReader.read(node, "stacks", of: .names).flatMap(\.patterns)
            } ?? []
        }
        let digest = mapping["sha256"].flatMap { text($0, "sha256") } ?? ""
        guard
            let token = APIToken(
                name: entry.key, digest: digest, role: APIRole(rawValue: role) ?? .viewer, stacks: stacks,
                expiresAt: expires)
        else {
            return report(
                "Invalid digest",
                "`sha256` is the SHA-256 of the token, 64 hexadecimal digits; never the token itself: "
                    + "`printf %s TOKEN | sha256sum` prints it.", mapping["sha256"] ?? entry.value)
        }
        settings.tokens.append(token)
    }

    private mutating func read(webhook entry: SpecificationNode.Entry) {
        guard let forge = WebhookSecret.Forge(rawValue: entry.key) else {
            let names = WebhookSecret.Forge.allCases.map(\.rawValue)
            problems.append(
                .error(
                    "Unknown forge",
                    "Webhooks come from \(names.joined(separator: ", ")).\(Suggestion.didYouMean(entry.key, among: names))",
                    at: entry.keyRange))
            return
        }
        secrets[forge] = problems.collect { [folder] () throws(Diagnostics) in
            try SecretReferenceReader.read(entry.value, entry.key, folder: folder)
        }
    }

    // MARK: - Scalars

    private mutating func entries(
        _ node: SpecificationNode?, _ what: String, _ example: String
    ) -> [SpecificationNode.Entry] {
        guard let node, !node.isNothing else { return [] }
        let read = problems.collect { () throws(Diagnostics) in try MappingReader(node, what, example: example) }
        return read?.entries ?? []
    }

    private mutating func bool(_ mapping: MappingReader, _ key: String) -> Bool {
        problems.collect { () throws(Diagnostics) in try LiteralReader.bool(mapping[key], key, default: false) }
            ?? false
    }

    private mutating func text(_ node: SpecificationNode, _ key: String) -> String? {
        let text = problems.collect { () throws(Diagnostics) in try LiteralReader.text(node, key) }
        return text ?? nil
    }

    private mutating func report(_ summary: String, _ detail: String, _ node: SpecificationNode) {
        problems.append(.error(summary, detail, at: node.range.firstLine))
    }
}
