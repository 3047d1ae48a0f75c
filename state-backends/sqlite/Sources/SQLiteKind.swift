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
            ] + Retention.settings)
    ) { configuration, directory in
        let path = configuration[key: "path"]?.asString ?? ".plumb/state.db"
        do throws(StateBackendError) {
            return SQLiteBackend(
                path: path.hasPrefix("/") ? path : directory + "/" + path, retention: try Retention(configuration))
        } catch {
            return UnusableBackend(name: "SQLite", error)
        }
    }
}
