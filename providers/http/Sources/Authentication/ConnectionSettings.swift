import HTTPTransport
import PlumbModel

/// How an instance's settings say that its server is reached and whom it trusts.
struct ConnectionSettings {
    static let attributes = [
        AttributeSchema(
            "auth", .any, .optional, sensitive: true,
            "Who asks: header, query, bearer, basic, oauth2 or aws, instead of what the API file says."),
        AttributeSchema(
            "ca_file", .string, .optional,
            "The certification authorities to trust instead of the system's: a PEM file, or PEM text."),
        AttributeSchema(
            "client_certificate", .string, .optional, "The certificate to show to the server: a PEM file, or PEM text."),
        AttributeSchema(
            "client_key", .string, .optional, sensitive: true,
            "Its private key: a PEM file, or PEM text; left out where it stands with the certificate."),
        AttributeSchema(
            "client_key_password", .string, .optional, sensitive: true, "What opens an encrypted private key."),
        AttributeSchema(
            "server_name", .string, .optional,
            "The name in the server's certificate, where it is not the one in base_url."),
        AttributeSchema(
            "proxy", .string, .optional, sensitive: true,
            "http://, https://, socks5:// or socks5h://, with user:password@ where it wants them; none for no proxy. Left "
                + "out, http_proxy, https_proxy and no_proxy say it."),
        AttributeSchema(
            "no_proxy", .list(.string), .optional,
            "Hosts that are reached without the proxy, with all that end in them."),
        AttributeSchema("unix_socket", .string, .optional, "The path of a Unix socket that the API listens on."),
    ]

    let tls: TLSSettings
    let proxy: ProxySettings
    let unixSocket: String?

    /// - Parameters:
    ///   - values: without marks; what is not known yet counts as not given.
    ///   - path: makes a path absolute.
    init(_ values: Value, at range: SourceRange?, path: (String) -> String) throws(Diagnostics) {
        func text(_ key: String) -> String? { values[key: key]?.asString.flatMap { $0.isEmpty ? nil : $0 } }
        func source(_ key: String) -> PEMSource? {
            text(key).map { $0.contains("-----BEGIN") ? .bytes(Array($0.utf8)) : .file(path($0)) }
        }
        tls = TLSSettings(
            authorities: source("ca_file"), clientCertificate: source("client_certificate"),
            clientKey: source("client_key"), clientKeyPassword: text("client_key_password"),
            serverName: text("server_name"))
        unixSocket = text("unix_socket").map(path)
        let exceptions = (values[key: "no_proxy"]?.asList ?? []).compactMap(\.asString)
        var problems = Diagnostics()
        func refuse(_ summary: String, _ detail: String) { problems.append(.error(summary, detail, at: range)) }
        switch text("proxy") {
        case nil:
            proxy = .environment
            if !exceptions.isEmpty {
                refuse(
                    "Missing proxy", "`no_proxy` goes with `proxy`; the environment's proxies have their own no_proxy.")
            }
        case "none": proxy = .none
        case let url?:
            proxy = .server(url, except: exceptions)
            if !["http://", "https://", "socks5://", "socks5h://"].contains(where: { url.hasPrefix($0) }) {
                refuse(
                    "Invalid proxy",
                    "`proxy` must begin with http://, https://, socks5:// or socks5h://, or be \"none\".")
            }
        }
        if tls.clientCertificate == nil, tls.clientKey != nil || tls.clientKeyPassword != nil {
            refuse("Missing certificate", "`client_key` goes with `client_certificate`.")
        }
        if let name = tls.serverName, name.contains(where: { "/:@?# ".contains($0) }) {
            refuse("Invalid server name", "`server_name` must be a host name without a port, not \"\(name)\".")
        }
        try problems.throwIfErrors()
    }
}
