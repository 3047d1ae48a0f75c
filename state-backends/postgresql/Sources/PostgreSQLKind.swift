internal import PlumbModel
public import StateBackendAPI

extension StateBackendKind {
    /// `state: {postgres: {url: "${env.PLUMB_STATE_URL}", schema: plumb}}`.
    public static let postgres = StateBackendKind(
        name: "postgres",
        configurationSchema: PlumbModel.Schema([
            AttributeSchema(
                "url", .string, .optional,
                "Of the database: postgresql://user@host:port/database?sslmode=verify-full. What it leaves out comes from "
                    + "the environment variables of libpq: PGHOST, PGUSER, PGPASSWORD, PGPASSFILE, ..."),
            AttributeSchema(
                "schema", .string, .optional, default: "plumb",
                "Of the tables in that database; made at the first apply if it is missing."),
        ])
    ) { configuration, _ in
        let schema = configuration[key: "schema"]?.asString ?? "plumb"
        do throws(StateBackendError) {
            return try PostgreSQLBackend(url: configuration[key: "url"]?.asString, schema: schema)
        } catch {
            return UnusableBackend(error)
        }
    }
}

/// Stands for a backend whose configuration cannot be used: every call says why.
private struct UnusableBackend: StateBackend {
    private let reason: StateBackendError

    init(_ reason: StateBackendError) { self.reason = reason }

    var name: String { "PostgreSQL" }

    func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot { throw reason }
    func contents(of stack: String) async throws(StateBackendError) -> StateContents? { throw reason }
    func acquireLease(on stack: String, holder: String, seconds: Double) async throws(StateBackendError) -> Lease {
        throw reason
    }
    func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease { throw reason }
    func release(_ lease: Lease) async throws(StateBackendError) { throw reason }
    func currentLease(on stack: String) async throws(StateBackendError) -> Lease? { throw reason }
    func breakLease(on stack: String) async throws(StateBackendError) { throw reason }
    func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError) { throw reason }
    func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry] { throw reason }
    func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord] { throw reason }
    func close() async {}
}
