internal import HTTPTransport
public import PlumbModel
public import ProviderAPI

/// The provider for HTTP cloud APIs, which are described in YAML files instead of code.
///
/// Each instance in `stack.yaml` is one API at one place: `http: {dns: {api: powerdns, base_url: …, key: …}}`.
public struct HTTPProvider: Provider {
    private let version: String?

    /// `version` is told to servers in the user agent.
    public init(version: String? = nil) {
        self.version = version
    }

    public var name: String { "http" }

    public var configurationSchema: Schema {
        Schema([
            AttributeSchema("api", .string, .required, "An API of the catalogue, or the path of an API file."),
            AttributeSchema("base_url", .string, .optional, "Where the API is; the API file may know a default."),
            AttributeSchema("key", .string, .optional, sensitive: true, "What the API file calls var.key."),
            AttributeSchema("variables", .map(.string), .optional, default: .map([:]), "The API file's own variables."),
            AttributeSchema(
                "headers", .map(.string), .optional, default: .map([:]), sensitive: true,
                "Headers that are sent with every request."),
            AttributeSchema(
                "ca_file", .string, .optional,
                "A PEM file of certification authorities to trust instead of the system's."),
            AttributeSchema("unix_socket", .string, .optional, "The path of a Unix socket that the API listens on."),
            AttributeSchema("timeout", .string, .optional, default: "30s", "The longest that one request may take."),
            AttributeSchema("parallelism", .number, .optional, default: 16, "Requests in flight at a time."),
            AttributeSchema("attempts", .number, .optional, default: 5, "How often a request is tried in all."),
        ])
    }

    public func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance {
        try InstanceMaker(configuration, userAgent: HTTPClient.userAgent(version: version)).make()
    }
}

/// Makes an instance of its configuration, or says what is wrong with it.
private struct InstanceMaker {
    private let configuration: ProviderConfiguration
    private let values: Value
    private let userAgent: String

    init(_ configuration: ProviderConfiguration, userAgent: String) {
        self.configuration = configuration
        values = configuration.values.deeplyUnmarked
        self.userAgent = userAgent
    }

    func make() throws(Diagnostics) -> any ProviderInstance {
        if isUnknown("api") {
            throw problem(
                "Unknown API",
                "`api` decides which types there are, so it must be known when the stack is loaded. Other settings may come "
                    + "from resources.")
        }
        let api = try APICatalogue.api(named: text("api") ?? "", for: configuration)
        var problems = Diagnostics()
        let baseURL = problems.collect { () throws(Diagnostics) in try self.baseURL(api) } ?? ""
        let variables = problems.collect { () throws(Diagnostics) in try self.variables(api) } ?? ValueMap()
        let timeout = problems.collect { () throws(Diagnostics) in try self.timeout() } ?? .zero
        let parallelism = problems.collect { () throws(Diagnostics) in try count("parallelism", 16) } ?? 1
        let attempts = problems.collect { () throws(Diagnostics) in try count("attempts", 5) } ?? 1
        try problems.throwIfErrors()
        let client = HTTPClient(
            .init(
                userAgent: userAgent, connectionsPerHost: parallelism, idleConnections: parallelism,
                tls: TLSSettings(authorities: text("ca_file").map { .file(path($0)) }),
                unixSocket: text("unix_socket").map(path),
                retry: RetryPolicy(attempts: attempts)))
        let headers = (values[key: "headers"]?.asMap ?? ValueMap()).map { ($0.key, $0.value.asString ?? "") }
        let connection = APIConnection(
            api: api, client: client, baseURL: baseURL, variables: variables, headers: headers, timeout: timeout)
        return HTTPInstance(connection: connection, parallelism: parallelism)
    }

    private func text(_ key: String) -> String? { values[key: key]?.asString }

    /// Settings may be unknown until the resources are that they come from.
    private func isUnknown(_ key: String) -> Bool { values[key: key].map { !$0.isWhollyKnown } ?? false }

    private func path(_ path: String) -> String {
        path.hasPrefix("/") ? path : configuration.workingDirectory + "/" + path
    }

    private func baseURL(_ api: APIDescription) throws(Diagnostics) -> String {
        if isUnknown("base_url") { return "" }
        guard let url = text("base_url") ?? api.baseURL else {
            throw problem("Missing base URL", "The API \"\(api.name)\" has no default place: give `base_url`.")
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw problem("Invalid base URL", "\"\(url)\" must begin with http:// or https://.")
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    private func variables(_ api: APIDescription) throws(Diagnostics) -> ValueMap {
        let given = values[key: "variables"]?.asMap ?? ValueMap()
        var problems = Diagnostics()
        for entry in given where !api.variables.contains(where: { $0.name == entry.key }) {
            let names = api.variables.map(\.name)
            let list = names.isEmpty ? " It has none." : " It has: \(names.joined(separator: ", "))."
            let hint = Suggestion.didYouMean(entry.key, among: names)
            problems.append(
                problem(
                    "Unknown variable",
                    "The API \"\(api.name)\" has no variable \"\(entry.key)\"." + (hint.isEmpty ? list : hint)))
        }
        var variables = ValueMap()
        for variable in api.variables {
            let value = given[variable.name] ?? variable.defaultValue.map(Value.string) ?? .null
            if value.isNull, !isUnknown("variables") {
                problems.append(
                    problem("Missing variable", "The API \"\(api.name)\" needs `variables: {\(variable.name): …}`."))
            }
            variables[variable.name] = value
        }
        try problems.throwIfErrors()
        variables["key"] = values[key: "key"] ?? .null
        return variables
    }

    private func timeout() throws(Diagnostics) -> Duration {
        let text = text("timeout") ?? "30s"
        if let duration = DurationText.read(text), duration > .zero { return duration }
        throw problem("Invalid duration", "`timeout` must be a duration such as 500ms, 30s or 2m, not \"\(text)\".")
    }

    private func count(_ key: String, _ fallback: Int) throws(Diagnostics) -> Int {
        guard let value = values[key: key], !value.isNull, !value.isUnknown else { return fallback }
        if let count = value.asInt, (1...1000).contains(count) { return count }
        throw problem("Invalid number", "`\(key)` must be a whole number from 1 to 1000.")
    }

    private func problem(_ summary: String, _ detail: String) -> Diagnostics {
        Diagnostics(.error(summary, detail, at: configuration.range))
    }
}
