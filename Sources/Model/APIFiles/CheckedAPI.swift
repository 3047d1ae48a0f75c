/// What a file that describes an API can do, as far as it can be told without asking the API.
public struct CheckedAPI: Sendable {
    /// A type that the file describes.
    public struct TypeEntry: Sendable {
        public let name: String
        /// Only read, never changed.
        public let isData: Bool
        public let attributeCount: Int
        /// As the file calls them, in its vocabulary's order: `read`, `list`, `create`.
        public let operations: [String]
        /// What it is imported by: `<zone>/<name>`. Nil for data.
        public let importForm: String?
        /// What is missing and what follows from it, in sentences.
        public let consequences: [String]

        public init(
            name: String, isData: Bool, attributeCount: Int, operations: [String], importForm: String?,
            consequences: [String]
        ) {
            self.name = name
            self.isData = isData
            self.attributeCount = attributeCount
            self.operations = operations
            self.importForm = importForm
            self.consequences = consequences
        }
    }

    public let name: String
    /// Nil: each instance must say where its API is.
    public let baseURL: String?
    /// The variables that each instance must give.
    public let requiredVariables: [String]
    public let types: [TypeEntry]
    /// What is only suspicious.
    public let warnings: Diagnostics

    public init(
        name: String, baseURL: String?, requiredVariables: [String], types: [TypeEntry], warnings: Diagnostics
    ) {
        self.name = name
        self.baseURL = baseURL
        self.requiredVariables = requiredVariables
        self.types = types
        self.warnings = warnings
    }
}
