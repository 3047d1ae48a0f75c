import PlumbModel
import ProviderAPI

/// What `stack.yaml` says about one cluster; nil where it says nothing.
struct ClusterSettings: Sendable {
    let kubeconfig: String?
    let context: String?
    let namespace: String?
    let host: String?
    let token: String?
    /// PEM texts.
    let authorities: String?
    let clientCertificate: String?
    let clientKey: String?
    let isInsecure: Bool
    let serverName: String?
    let proxy: String?
    let parallelism: Int
    /// Of one request.
    let timeout: Duration
    let waits: Bool
    let userAgent: String
    /// Settings that wait for resources: nobody can be asked yet.
    let isKnown: Bool

    static let schema = Schema([
        AttributeSchema(
            "kubeconfig", .string, .optional, "The path of a kubeconfig; KUBECONFIG or ~/.kube/config else."),
        AttributeSchema("context", .string, .optional, "The context in it; the current one else."),
        AttributeSchema("namespace", .string, .optional, "For objects that name none; the context's else."),
        AttributeSchema("host", .string, .optional, "The API server's URL, in the place of a kubeconfig."),
        AttributeSchema("token", .string, .optional, sensitive: true, "A bearer token for `host`."),
        AttributeSchema("ca_certificate", .string, .optional, "PEM text of the authorities that `host` is trusted by."),
        AttributeSchema("client_certificate", .string, .optional, "PEM text of a client certificate for `host`."),
        AttributeSchema("client_key", .string, .optional, sensitive: true, "PEM text of its key."),
        AttributeSchema("insecure", .bool, .optional, default: false, "Whether not to check who answers at `host`."),
        AttributeSchema("tls_server_name", .string, .optional, "The name in the certificate of `host`."),
        AttributeSchema("proxy_url", .string, .optional, "The proxy on the way to `host`."),
        AttributeSchema("parallelism", .number, .optional, default: 32, "Requests in flight at a time."),
        AttributeSchema("timeout", .number, .optional, default: 60, "The seconds that one request may take."),
        AttributeSchema("wait", .bool, .optional, default: true, "Whether to wait until applied objects are ready."),
    ])

    init(_ configuration: ProviderConfiguration, userAgent: String) throws(Diagnostics) {
        let values = configuration.values.deeplyUnmarked
        func text(_ key: String) -> String? {
            values[key: key]?.asString.flatMap { $0.isEmpty ? nil : $0 }
        }
        func path(_ key: String) -> String? {
            text(key).map { $0.hasPrefix("/") ? $0 : "\(configuration.workingDirectory)/\($0)" }
        }
        kubeconfig = path("kubeconfig")
        context = text("context")
        namespace = text("namespace")
        host = text("host")
        token = text("token")
        authorities = text("ca_certificate")
        clientCertificate = text("client_certificate")
        clientKey = text("client_key")
        isInsecure = values[key: "insecure"]?.asBool ?? false
        serverName = text("tls_server_name")
        proxy = text("proxy_url")
        waits = values[key: "wait"]?.asBool ?? true
        self.userAgent = userAgent
        isKnown = values.isWhollyKnown
        let number = values[key: "parallelism"] ?? .null
        parallelism = number.asInt ?? 32
        let seconds = values[key: "timeout"] ?? .null
        timeout = .seconds(seconds.asNumber?.asDouble ?? 60)
        var problems = Diagnostics()
        func report(_ summary: String, _ detail: String) {
            problems.append(.error(summary, detail, at: configuration.range))
        }
        if !number.isNull, !number.isUnknown, !(1...1000).contains(number.asInt ?? 0) {
            report("Invalid number", "`parallelism` must be a whole number from 1 to 1000.")
        }
        if let given = seconds.asNumber?.asDouble, !(0.1...86_400).contains(given) {
            report("Invalid number", "`timeout` is the seconds that one request may take, at least 0.1.")
        }
        if host != nil, kubeconfig != nil || context != nil {
            report(
                "Two ways to a cluster",
                "`host` says where the cluster is, and so do `kubeconfig` and `context`. Keep one of the two.")
        }
        let forHost = ["token", "ca_certificate", "client_certificate", "client_key", "tls_server_name", "proxy_url"]
        if values[key: "host"]?.isNull != false, let stray = forHost.first(where: { text($0) != nil }) {
            report(
                "Setting without a host",
                "`\(stray)` belongs to `host`, which is not given. Give `host`, or put it into the kubeconfig.")
        }
        if (clientCertificate == nil) != (clientKey == nil), isKnown {
            report("Incomplete certificate", "`client_certificate` and `client_key` are given together.")
        }
        try problems.throwIfErrors()
    }
}
