/// What systems have that a stack does not manage.
public struct ScanResult: Sendable {
    /// Something that nobody manages.
    public struct Unmanaged: Sendable {
        /// An address that is free in the specs and in the state.
        public let address: ResourceAddress
        /// What it is imported by.
        public let id: String

        public init(address: ResourceAddress, id: String) {
            self.address = address
            self.id = id
        }
    }

    /// What was found of one type in one system.
    public struct TypeResult: Sendable {
        public let type: String
        /// The provider instance.
        public let provider: String
        /// How many there are in all.
        public let total: Int
        public let unmanaged: [Unmanaged]

        public init(type: String, provider: String, total: Int, unmanaged: [Unmanaged]) {
            self.type = type
            self.provider = provider
            self.total = total
            self.unmanaged = unmanaged
        }
    }

    /// In the order of the providers and of their types.
    public let types: [TypeResult]
    /// Types whose provider cannot tell what exists.
    public let unscannable: [String]
    /// What could not be asked.
    public let problems: Diagnostics

    public init(types: [TypeResult], unscannable: [String], problems: Diagnostics) {
        self.types = types
        self.unscannable = unscannable
        self.problems = problems
    }
}
