/// Asks a server by another name than the host that is connected to: the URL bears the name, so that the certificate is
/// checked against it, and the connection goes where the URL went.
struct ServerNaming {
    let url: String
    /// As `CURLOPT_CONNECT_TO` wants it: any name and port, then the host and port to connect to.
    let connection: String
    /// What the `Host` header goes on to say.
    let host: String

    /// Nil for URLs without TLS, which know no such name.
    init?(_ url: String, serverName: String) {
        guard let (scheme, host) = URLText.schemeAndHost(url), scheme == "https" else { return nil }
        let port = host.lastIndex(of: ":").map { host[host.index(after: $0)...] }.flatMap { Int($0) }
        let name = port == nil ? Substring(host) : host[..<(host.lastIndex(of: ":") ?? host.endIndex)]
        let start = url.utf8.firstRange(of: "://".utf8).map(\.upperBound) ?? url.startIndex
        let rest = url[start...].drop { $0 != "/" && $0 != "?" && $0 != "#" }
        self.url = "https://\(serverName):\(port ?? 443)\(rest)"
        self.host = host
        connection = "::\(name):\(port ?? 443)"
    }
}
