internal import PlumbModel
public import StateBackendAPI
internal import StateKeeping

extension StateBackendKind {
    /// `state: {postgres: {url: "${env.PLUMB_STATE_URL}", schema: plumb}}`.
    public static let postgres = StateBackendKind(
        name: "postgres",
        configurationSchema: PlumbModel.Schema(
            [
                AttributeSchema(
                    "url", .string, .optional,
                    "Of the database: postgresql://user@host:port/database?sslmode=verify-full. What it leaves out comes from "
                        + "the environment variables of libpq: PGHOST, PGUSER, PGPASSWORD, PGPASSFILE, ..."),
                AttributeSchema(
                    "schema", .string, .optional, default: "plumb",
                    "Of the tables in that database; made at the first apply if it is missing."),
            ] + Retention.settings),
        make: { configuration, _ in
            do throws(StateBackendError) {
                return try PostgreSQLBackend(
                    url: configuration[key: "url"]?.asString, schema: schema(configuration),
                    retention: try Retention(configuration))
            } catch {
                return UnusableBackend(name: "PostgreSQL", error)
            }
        },
        makeControllerStore: { configuration, _ in
            do throws(StateBackendError) {
                return try PostgreSQLControllerStore(
                    url: configuration[key: "url"]?.asString, schema: schema(configuration))
            } catch {
                return UnusableControllerStore(name: "PostgreSQL", error)
            }
        })

    private static func schema(_ configuration: Value) -> String { configuration[key: "schema"]?.asString ?? "plumb" }
}
