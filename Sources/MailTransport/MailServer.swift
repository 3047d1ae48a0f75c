/// The server that takes our mail, and how it is spoken to.
public struct MailServer: Sendable {
    public enum Security: Sendable, Hashable {
        /// From the first byte on.
        case tls
        /// Asked for, and insisted on.
        case startTLS
        case none
    }

    /// A name or an address; one of IPv6 in brackets.
    public var host: String
    public var port: Int
    public var security: Security
    /// Nil: nobody logs in.
    public var login: (user: String, password: String)?
    /// The path of a PEM file with the authorities that are trusted; nil: those of the system.
    public var authorities: String?
    /// In which a mail must have been taken, the connection and all.
    public var patience: Duration

    public init(
        host: String, port: Int, security: Security, login: (user: String, password: String)? = nil,
        authorities: String? = nil, patience: Duration = .seconds(20)
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.login = login
        self.authorities = authorities
        self.patience = patience
    }

    /// For people.
    var place: String { "the mail server \(host):\(port)" }

    var url: String { "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)" }
}
