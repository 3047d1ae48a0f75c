import HTTPTransport
import PlumbModel
import ProviderAPI

/// What `stack.yaml` says about the way to one gateway.
struct GatewaySettings: Sendable {
    /// What requests begin with: `https://host:8443`; for a socket a name that nobody resolves.
    let base: String
    /// Path of the gateway's socket; nil where it is reached over the network.
    let socket: String?
    let token: String?
    let tls: TLSSettings
    let parallelism: Int
    /// Of one request; uploads take as long as they take.
    let timeout: Duration
    let userAgent: String

    static let defaultURL = "unix:///run/plumb-libvirt-gateway/gateway.sock"

    static let schema = Schema([
        AttributeSchema(
            "url", .string, .optional, default: .string(defaultURL),
            "Where the gateway is: unix:///path/of/the.sock or https://host:port."),
        AttributeSchema("token", .string, .optional, sensitive: true, "A token that the gateway knows."),
        AttributeSchema(
            "ca_certificate", .string, .optional, "PEM text of the authorities that the gateway is trusted by."),
        AttributeSchema("client_certificate", .string, .optional, "PEM text of a client certificate."),
        AttributeSchema("client_key", .string, .optional, sensitive: true, "PEM text of its key."),
        AttributeSchema("parallelism", .number, .optional, default: 16, "Requests in flight at a time."),
        AttributeSchema("timeout", .number, .optional, default: 60, "The seconds that one request may take."),
    ])

    init(_ configuration: ProviderConfiguration, userAgent: String) throws(Diagnostics) {
        let values = configuration.values.deeplyUnmarked
        func text(_ key: String) -> String? { values[key: key]?.asString.flatMap { $0.isEmpty ? nil : $0 } }
        func pem(_ key: String) -> PEMSource? { text(key).map { .bytes(Array($0.utf8)) } }
        var problems = Diagnostics()
        func report(_ summary: String, _ detail: String) {
            problems.append(.error(summary, detail, at: configuration.range))
        }
        let url = text("url") ?? GatewaySettings.defaultURL
        if url.hasPrefix("unix://") {
            let path = String(url.dropFirst("unix://".count))
            socket = path
            base = "http://libvirt-gateway"
            if !path.hasPrefix("/") || path.utf8.count > 107 {
                report(
                    "Invalid gateway address",
                    "`url` is \"\(url)\": after unix:// comes the absolute path of a socket, of at most 107 bytes, such as "
                        + "\(GatewaySettings.defaultURL).")
            }
        } else {
            socket = nil
            base = url.hasSuffix("/") ? String(url.dropLast()) : url
            let rest = url.hasPrefix("https://") ? url.dropFirst(8) : url.hasPrefix("http://") ? url.dropFirst(7) : ""
            if rest.isEmpty || rest.hasPrefix("/") {
                report(
                    "Invalid gateway address",
                    "`url` is \"\(url)\". Write unix:///path/of/the.sock or https://host:port.")
            }
        }
        token = text("token")
        tls = TLSSettings(
            authorities: pem("ca_certificate"), clientCertificate: pem("client_certificate"),
            clientKey: pem("client_key"))
        self.userAgent = userAgent
        let number = values[key: "parallelism"] ?? .null
        parallelism = number.asInt.flatMap { (1...1000).contains($0) ? $0 : nil } ?? 16
        if !number.isNull, !number.isUnknown, number.asInt != parallelism {
            report("Invalid number", "`parallelism` must be a whole number from 1 to 1000.")
        }
        let seconds = (values[key: "timeout"] ?? .null).asNumber?.asDouble ?? 60
        timeout = .seconds(min(max(seconds, 0.1), 86_400))
        if !(0.1...86_400).contains(seconds) {
            report("Invalid number", "`timeout` is the seconds that one request may take, at least 0.1.")
        }
        if (tls.clientCertificate == nil) != (tls.clientKey == nil), values.isWhollyKnown {
            report("Incomplete certificate", "`client_certificate` and `client_key` are given together.")
        }
        if token != nil, url.hasPrefix("http://") {
            report(
                "Token without encryption",
                "`token` would be sent over http:// for everybody to read. Use https:// or a socket.")
        }
        try problems.throwIfErrors()
    }
}
