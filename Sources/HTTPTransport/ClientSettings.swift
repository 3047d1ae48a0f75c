extension HTTPClient {
    /// What all requests of a client share.
    public struct Settings: Sendable {
        public var userAgent: String
        public var connectTimeout: Duration
        /// Requests in flight per scheme, host and port; further ones wait. Streams are not counted.
        public var connectionsPerHost: Int
        /// Streams that are open at a time per scheme, host and port; further ones wait.
        public var streamsPerHost: Int
        /// Connections that are kept open for later, over all hosts.
        public var idleConnections: Int
        public var version: HTTPVersion
        public var tls: TLSSettings
        public var proxy: ProxySettings
        /// The path of a Unix socket that all requests go to, whatever host their URL names. No proxy is used then.
        public var unixSocket: String?
        public var retry: RetryPolicy
        /// Retries in a row, per host, before there are no more until requests succeed again.
        public var retryBudget: Int
        public var wireLog: WireLog?

        public init(
            userAgent: String = HTTPClient.userAgent(version: nil), connectTimeout: Duration = .seconds(10),
            connectionsPerHost: Int = 16, streamsPerHost: Int = 256, idleConnections: Int = 32,
            version: HTTPVersion = .automatic, tls: TLSSettings = TLSSettings(), proxy: ProxySettings = .environment,
            unixSocket: String? = nil, retry: RetryPolicy = RetryPolicy(), retryBudget: Int = 100,
            wireLog: WireLog? = WireLog.fromEnvironment()
        ) {
            self.userAgent = userAgent
            self.connectTimeout = connectTimeout
            self.connectionsPerHost = connectionsPerHost
            self.streamsPerHost = streamsPerHost
            self.idleConnections = idleConnections
            self.version = version
            self.tls = tls
            self.proxy = proxy
            self.unixSocket = unixSocket
            self.retry = retry
            self.retryBudget = retryBudget
            self.wireLog = wireLog
        }
    }

    /// `plumbline/1.2.3`, or `plumbline` where the version is not known.
    public static func userAgent(version: String?) -> String {
        version.map { "plumbline/\($0)" } ?? "plumbline"
    }
}
