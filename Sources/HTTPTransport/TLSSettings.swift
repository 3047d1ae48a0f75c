/// Certificates or a key in PEM form: where they come from.
public enum PEMSource: Sendable, Hashable {
    /// The path of a file.
    case file(String)
    /// The text itself: from a kubeconfig, a variable.
    case bytes([UInt8])

    /// How an error names it.
    var place: String {
        switch self {
        case .file(let path): path
        case .bytes(let bytes): "\(bytes.count) bytes in memory"
        }
    }
}

/// Whom a client trusts, and what it shows of itself.
public struct TLSSettings: Sendable, Hashable {
    /// The certification authorities to trust instead of the system's.
    public var authorities: PEMSource?
    /// The client's certificate, with those between it and its authority after it.
    public var clientCertificate: PEMSource?
    /// Its private key; nil where it stands with the certificate.
    public var clientKey: PEMSource?
    /// What opens an encrypted key.
    public var clientKeyPassword: String?
    /// The name that the server is asked for (SNI) and that its certificate must bear, where it is not the URL's host.
    public var serverName: String?
    /// Off only on somebody's explicit wish: anybody could answer then.
    public var verifiesServer: Bool

    public init(
        authorities: PEMSource? = nil, clientCertificate: PEMSource? = nil, clientKey: PEMSource? = nil,
        clientKeyPassword: String? = nil, serverName: String? = nil, verifiesServer: Bool = true
    ) {
        self.authorities = authorities
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.clientKeyPassword = clientKeyPassword
        self.serverName = serverName
        self.verifiesServer = verifiesServer
    }
}

/// Through which proxy a client's requests go.
public enum ProxySettings: Sendable, Hashable {
    /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
    case environment
    /// Straight to the server.
    case none
    /// Through this one: `http://`, `https://`, `socks5://`, `socks5h://` (which resolves the names), with
    /// `user:password@` where it asks for them. Hosts that end in one of `except` are reached without; `*` is all.
    case server(String, except: [String] = [])

    /// Whether the way to the proxy is encrypted, as far as it is known here.
    var isSecure: Bool {
        if case .server(let url, _) = self { url.hasPrefix("https://") } else { false }
    }

    /// The password in the proxy's URL, which must appear nowhere.
    var secrets: [String] {
        guard case .server(let url, _) = self, let scheme = url.utf8.firstRange(of: "://".utf8),
            let at = url.lastIndex(of: "@"), scheme.upperBound < at,
            let colon = url[scheme.upperBound..<at].firstIndex(of: ":")
        else { return [] }
        let password = String(url[url.index(after: colon)..<at])
        return [password, URLText.unescaped(password)]
    }
}

/// Which version of HTTP a client speaks.
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/2 where a TLS server offers it, HTTP/1.1 otherwise.
    case automatic
    case http1
    /// HTTP/2 from the first byte, also without TLS: only for servers that are known to speak it.
    case http2
}
