/// What `plumb state verify` has found.
public struct StateVerification: Sendable {
    public var resources = 0
    public var changes = 0
    public var runs = 0
    /// Sealed secrets, those of history included.
    public var secrets = 0
    /// Whether the backend could look for damage itself.
    public var isIntegrityChecked = false
    /// Whether rows were compared with the schemas of their types.
    public var areSchemasChecked = false
    /// Whether the providers were asked about each row.
    public var isRefreshed = false
    /// Changes that an earlier run began and that nobody has settled yet.
    public var openIntents: [Intent] = []
    /// Damage is an error; what the next apply settles, or a person should know, is a warning.
    public var problems = Diagnostics()

    public init() {}
}
