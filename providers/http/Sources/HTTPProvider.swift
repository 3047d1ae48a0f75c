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
        Schema(
            [
                AttributeSchema("api", .string, .required, "An API of the catalogue, or the path of an API file."),
                AttributeSchema("base_url", .string, .optional, "Where the API is; the API file may know a default."),
                AttributeSchema("key", .string, .optional, sensitive: true, "What the API file calls var.key."),
                AttributeSchema(
                    "variables", .map(.string), .optional, default: .map([:]), "The API file's own variables."),
                AttributeSchema(
                    "headers", .map(.string), .optional, default: .map([:]), sensitive: true,
                    "Headers that are sent with every request."),
                AttributeSchema(
                    "timeout", .string, .optional, default: "30s", "The longest that one request may take."),
                AttributeSchema(
                    "throttling_timeout", .string, .optional, default: "2m",
                    "How long the server may refuse everything (429) before it is given up."),
                AttributeSchema("parallelism", .number, .optional, default: 16, "Requests in flight at a time."),
                AttributeSchema("attempts", .number, .optional, default: 5, "How often a request is tried in all."),
            ] + ConnectionSettings.attributes)
    }

    public var settingsOfTypes: Set<String> { ["api"] }

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
        let variables = problems.collect { () throws(Diagnostics) in try self.variables(api) } ?? ValueMap()
        let baseURL = problems.collect { () throws(Diagnostics) in try self.baseURL(api, variables) } ?? ""
        let timeout = problems.collect { () throws(Diagnostics) in try duration("timeout", .seconds(30)) } ?? .zero
        let throttling =
            problems.collect { () throws(Diagnostics) in try duration("throttling_timeout", .seconds(120)) } ?? .zero
        let parallelism = problems.collect { () throws(Diagnostics) in try count("parallelism", 16) } ?? 1
        let attempts = problems.collect { () throws(Diagnostics) in try count("attempts", 5) } ?? 1
        let reached = problems.collect { () throws(Diagnostics) in
            try ConnectionSettings(values, at: configuration.range, path: path)
        }
        let template = problems.collect { () throws(Diagnostics) in try self.authentication(api) } ?? nil
        try problems.throwIfErrors()
        // Twice what is asked for at most has to fit in, so that there is another try after it.
        let retries = RetryPolicy(
            attempts: attempts, longestRetryAfter: throttling / 2, longestThrottling: throttling)
        let client = HTTPClient(
            .init(
                userAgent: userAgent, connectionsPerHost: parallelism, idleConnections: parallelism,
                tls: reached?.tls ?? TLSSettings(), proxy: reached?.proxy ?? .environment,
                unixSocket: reached?.unixSocket, retry: retries))
        let maker = AuthenticatorMaker(
            client: client, baseURL: baseURL, variables: variables, timeout: timeout, environment: .current)
        let authenticator = try template.flatMap { (template) throws(Diagnostics) in try maker.make(template) }
        let headers = (values[key: "headers"]?.asMap ?? ValueMap()).map { ($0.key, $0.value.asString ?? "") }
        let connection = APIConnection(
            api: api, client: client, baseURL: baseURL, variables: variables, headers: headers, timeout: timeout,
            attempts: attempts, authenticator: authenticator)
        return HTTPInstance(connection: connection, parallelism: parallelism)
    }

    private func text(_ key: String) -> String? { values[key: key]?.asString }

    /// Settings may be unknown until the resources are that they come from.
    private func isUnknown(_ key: String) -> Bool { values[key: key].map { !$0.isWhollyKnown } ?? false }

    private func path(_ path: String) -> String {
        path.hasPrefix("/") ? path : configuration.workingDirectory + "/" + path
    }

    /// The instance's own settings take the place of the API file's.
    private func authentication(_ api: APIDescription) throws(Diagnostics) -> AuthenticationTemplate? {
        guard let given = values[key: "auth"], !given.isNull, !given.isUnknown else { return api.authentication }
        let range = configuration.range ?? SourceRange(file: api.file, start: 0, end: 0)
        let (template, problems) = AuthenticationReader.read(given, at: range)
        try problems.throwIfErrors()
        return template
    }

    private func baseURL(_ api: APIDescription, _ variables: ValueMap) throws(Diagnostics) -> String {
        if isUnknown("base_url") { return "" }
        var evaluation = TemplateEvaluation(variables: variables)
        let standard = try api.baseURL.flatMap { (url) throws(Diagnostics) in try evaluation.text(url) }
        if text("base_url") == nil, evaluation.isUnknown { return "" }
        guard let url = text("base_url") ?? standard else {
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

    private func duration(_ key: String, _ fallback: Duration) throws(Diagnostics) -> Duration {
        guard let text = text(key) else { return fallback }
        if let duration = DurationText.read(text), duration > .zero { return duration }
        throw problem("Invalid duration", "`\(key)` must be a duration such as 500ms, 30s or 2m, not \"\(text)\".")
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

extension HTTPProvider: APIImporting {
    public func importAPI(_ request: APIImportRequest) throws(Diagnostics) -> ImportedAPI {
        try APIImporter.run(request)
    }
}

extension HTTPProvider: APIChecking {
    public func checkAPI(at path: String, in source: any SpecificationSource) throws(Diagnostics) -> CheckedAPI {
        DescriptionReview(api: try APICatalogue.file(at: path, in: source, named: nil)).checked
    }
}
