public import PlumbModel

/// A kind of state backend that a binary was built with: its name under `state:`, its settings, and how to open one.
public struct StateBackendKind: Sendable {
    public let name: String
    public let configurationSchema: Schema
    /// Opens nothing yet: a backend connects at its first call. `directory` is the stack's, for relative paths.
    public let make: @Sendable (_ configuration: Value, _ directory: String) -> any StateBackend

    public init(
        name: String, configurationSchema: Schema,
        make: @escaping @Sendable (_ configuration: Value, _ directory: String) -> any StateBackend
    ) {
        self.name = name
        self.configurationSchema = configurationSchema
        self.make = make
    }
}
