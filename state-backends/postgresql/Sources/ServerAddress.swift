import CLibPQ
import StateBackendAPI

/// Where the database is, and as whom to use it: what libpq connects with.
///
/// What the URL leaves out, libpq takes from its environment variables (PGHOST, PGUSER, PGPASSFILE, ...).
struct ServerAddress: Sendable {
    /// libpq's parameters.
    let parameters: [(keyword: String, value: String)]
    let schema: String
    /// Without user and password: for messages.
    let name: String
    private let password: String?

    /// - Parameter url: as libpq understands it (`postgresql://user@host:port/database?sslmode=verify-full`, or
    ///   `host=... dbname=...`).
    /// - Returns: nil if it is neither.
    init?(url: String, schema: String) {
        // What libpq says of a URL that it cannot read quotes it, password and all: it is not passed on.
        guard let options = PQconninfoParse(url, nil) else { return nil }
        defer { PQconninfoFree(options) }
        self.init(given: ServerAddress.values(options), schema: schema)
    }

    /// - Parameter url: nil to take all from libpq's environment variables.
    /// - Throws: `unavailable` if the URL is none.
    init(settings url: String?, schema: String) throws(StateBackendError) {
        guard let url else {
            self = ServerAddress.environment(schema: schema)
            return
        }
        guard let address = ServerAddress(url: url, schema: schema) else {
            throw StateBackendError(
                .unavailable,
                "The URL of the PostgreSQL state cannot be read. It looks like "
                    + "postgresql://user@host:5432/database?sslmode=verify-full; special characters in a password "
                    + "are written as % and two digits, and an unknown parameter makes it unreadable too.")
        }
        self = address
    }

    /// What libpq would connect with if nothing were given.
    static func environment(schema: String) -> ServerAddress { ServerAddress(given: [:], schema: schema) }

    private init(given: [String: String], schema: String) {
        var all = given
        if let defaults = PQconndefaults() {
            for (keyword, value) in ServerAddress.values(defaults) where all[keyword] == nil { all[keyword] = value }
            PQconninfoFree(defaults)
        }
        self.schema = schema
        password = all["password"].flatMap { $0.isEmpty ? nil : $0 }
        let host = given["host"] ?? given["hostaddr"] ?? all["host"] ?? all["hostaddr"] ?? "the local server"
        let database = all["dbname"] ?? all["user"] ?? ""
        name = "PostgreSQL \(host)/\(database) (schema \(schema))"
        var parameters = given.map { (keyword: $0.key, value: $0.value) }
        func byDefault(_ keyword: String, _ value: String) {
            if all[keyword] == nil || all[keyword]?.isEmpty == true { parameters.append((keyword, value)) }
        }
        byDefault("fallback_application_name", "plumb")
        // Half-open connections are found out before a lease runs out.
        byDefault("tcp_user_timeout", "15000")
        byDefault("keepalives_idle", "10")
        byDefault("keepalives_interval", "5")
        byDefault("keepalives_count", "3")
        parameters.removeAll { $0.keyword == "client_encoding" }
        parameters.append(("client_encoding", "UTF8"))
        self.parameters = parameters
    }

    /// Seconds that a connection may take to be made: those of `connect_timeout`, or the given ones, for each host.
    func connectSeconds(byDefault seconds: Double) -> Double {
        func value(_ keyword: String) -> String? { parameters.first { $0.keyword == keyword }?.value }
        let hosts = (value("host") ?? value("hostaddr") ?? "").split(separator: ",").count
        let given = value("connect_timeout").flatMap { Double($0) }.flatMap { $0 > 0 ? $0 : nil }
        // A host that swallows everything is given up by `tcp_user_timeout`: only then the next one has its turn.
        return hosts > 1 ? max(given ?? seconds, 20) * Double(hosts) : given ?? seconds
    }

    /// The text without the password, should a server ever repeat it.
    func redacted(_ text: String) -> String {
        guard let password, password.utf8.count > 3 else { return text }
        return text.replacing(password, with: "***")
    }

    private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }
}
