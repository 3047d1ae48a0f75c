internal import PlumbModel
public import StateBackendAPI
internal import StateKeeping

extension StateBackendKind {
    /// `state: {sqlite: {path: …}}`: relative paths start at the stack's directory.
    public static let sqlite = StateBackendKind(
        name: "sqlite",
        configurationSchema: PlumbModel.Schema(
            [
                AttributeSchema(
                    "path", .string, .optional, default: ".plumb/state.db",
                    "Of the database file, relative to the stack's directory.")
            ] + Retention.settings),
        make: { configuration, directory in
            do throws(StateBackendError) {
                return SQLiteBackend(path: path(configuration, directory), retention: try Retention(configuration))
            } catch {
                return UnusableBackend(name: "SQLite", error)
            }
        },
        makeControllerStore: { configuration, directory in
            SQLiteControllerStore(path: path(configuration, directory))
        })

    private static func path(_ configuration: Value, _ directory: String) -> String {
        let path = configuration[key: "path"]?.asString ?? ".plumb/state.db"
        return path.hasPrefix("/") ? path : directory + "/" + path
    }
}
