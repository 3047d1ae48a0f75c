public import PlumbModel

/// A kind of state backend that a binary was built with: its name under `state:`, its settings, and how to open one.
public struct StateBackendKind: Sendable {
    public let name: String
    public let configurationSchema: Schema
    /// Opens nothing yet: a backend connects at its first call. `directory` is the stack's, for relative paths.
    public let make: @Sendable (_ configuration: Value, _ directory: String) -> any StateBackend
    /// Opens nothing yet. A controller's notes are kept in the same database as the states, but on connections of their own.
    public let makeControllerStore: @Sendable (_ configuration: Value, _ directory: String) -> any ControllerStore

    public init(
        name: String, configurationSchema: Schema,
        make: @escaping @Sendable (_ configuration: Value, _ directory: String) -> any StateBackend,
        makeControllerStore: @escaping @Sendable (_ configuration: Value, _ directory: String) -> any ControllerStore
    ) {
        self.name = name
        self.configurationSchema = configurationSchema
        self.make = make
        self.makeControllerStore = makeControllerStore
    }
}
