/// The types, providers and state backends that the specs of a stack can name, with their attributes.
public struct Vocabulary: Sendable {
    /// A resource type or a type of data.
    public struct TypeEntry: Sendable {
        public let name: String
        public let mode: ResourceAddress.Mode
        /// The provider instances that know it: `builtin`, `http.dns`.
        public let providers: [String]
        public let schema: Schema

        public init(name: String, mode: ResourceAddress.Mode, providers: [String], schema: Schema) {
            self.name = name
            self.mode = mode
            self.providers = providers
            self.schema = schema
        }
    }

    /// What may stand in `stack.yaml` under a name: the configuration of a provider or of a state backend.
    public struct Configuration: Sendable {
        public let name: String
        public let schema: Schema

        public init(name: String, schema: Schema) {
            self.name = name
            self.schema = schema
        }
    }

    /// Sorted by name.
    public let types: [TypeEntry]
    public let providers: [Configuration]
    public let stateBackends: [Configuration]

    public init(types: [TypeEntry], providers: [Configuration], stateBackends: [Configuration]) {
        self.types = types.sorted { ($0.name, $0.mode.rawValue) < ($1.name, $1.mode.rawValue) }
        self.providers = providers
        self.stateBackends = stateBackends
    }
}
