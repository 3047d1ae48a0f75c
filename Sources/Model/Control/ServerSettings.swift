/// Where a controller serves its API, and whom it lets in.
public struct ServerSettings: Sendable {
    public enum Address: Sendable, Hashable, CustomStringConvertible {
        /// A port of 0 takes any that is free.
        case tcp(host: String, port: Int)
        case unix(path: String)

        public var description: String {
            switch self {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix(let path): path
            }
        }

        /// Whether only this machine can reach it.
        public var isLocal: Bool {
            switch self {
            case .tcp(let host, _):
                host == "localhost" || host == "::1"
                    || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
            case .unix: true
            }
        }
    }

    /// Paths of PEM files.
    public struct TLS: Sendable, Hashable {
        /// With its chain.
        public let certificate: String
        public let key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    public var address = Address.tcp(host: "127.0.0.1", port: 8470)
    /// Where people reach it, for links in what others are told; without a slash at the end. Nil: there are no links.
    public var url: String?
    public var tls: TLS?
    /// Whether tokens may go over a network without TLS: where something in front of the controller ends it.
    public var allowsPlaintext = false
    public var tokens: [APIToken] = []
    public var webhooks: [WebhookSecret] = []
    /// Whether `/metrics` is for everybody who can connect, and not only for tokens.
    public var hasOpenMetrics = false
    public var maximumConnections = 1024

    public init() {}

    /// Whether others could read tokens on their way.
    public var exposesTokens: Bool { !address.isLocal && tls == nil && !allowsPlaintext }
}

extension Diagnostic {
    public static func exposedTokens(_ address: ServerSettings.Address, at range: SourceRange? = nil) -> Diagnostic {
        .error(
            "Tokens would go over the network in the clear",
            "The address \(address) can be reached from other machines, and there is no `tls`. Give a certificate and a key, "
                + "`tls: {certificate: tls.crt, key: tls.key}`, listen on 127.0.0.1 or on a Unix socket, or say "
                + "`plaintext: true` where something in front of the controller ends TLS.", at: range)
    }
}

/// What somebody may do through a controller's API. Each role may do what the ones before may.
public enum APIRole: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Looks at stacks, runs, plans, drift and events.
    case viewer
    /// Starts what the specs want anyhow, and stops it: sync, check for drift, suspend, resume.
    case `operator`
    /// Decides: approves plans, rolls back, and reads who has done what.
    case admin

    public static func < (left: APIRole, right: APIRole) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}

/// A token that a controller lets in, known by its digest alone.
public struct APIToken: Sendable {
    /// Of whoever has it: what stands in the log.
    public let name: String
    /// SHA-256 of the token's UTF-8 bytes: 32 bytes.
    public let digest: [UInt8]
    public let role: APIRole
    /// The stacks that it is for; nil for all.
    public let stacks: [GlobPattern]?
    /// Seconds since 1970; nil for never.
    public let expiresAt: Double?

    /// Nil where the digest is not 64 hexadecimal digits.
    public init?(
        name: String, digest: String, role: APIRole, stacks: [GlobPattern]? = nil, expiresAt: Double? = nil
    ) {
        let digits = digest.compactMap(\.hexDigitValue)
        guard digits.count == 64, digest.utf8.count == 64 else { return nil }
        self.name = name
        self.digest = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        self.role = role
        self.stacks = stacks
        self.expiresAt = expiresAt
    }

    public func covers(stack: String) -> Bool { stacks?.contains { $0.matches(stack) } ?? true }
}

/// What a forge proves with that a webhook is its own.
public struct WebhookSecret: Sendable, Hashable {
    public enum Forge: String, Sendable, Hashable, CaseIterable {
        case github, gitlab
        /// Forgejo too.
        case gitea
    }

    public let forge: Forge
    /// Never empty.
    public let secret: String

    /// Nil for an empty secret, with which everybody could sign.
    public init?(forge: Forge, secret: String) {
        guard !secret.isEmpty else { return nil }
        self.forge = forge
        self.secret = secret
    }
}
