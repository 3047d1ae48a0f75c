/// An API file that was made of an OpenAPI document, with what a person should know about it.
public struct ImportedAPI: Sendable {
    /// A type that was found.
    public struct TypeFound: Sendable {
        public let name: String
        /// The path of one resource, as the document has it.
        public let path: String
        public let key: [String]
        public let attributeCount: Int
        public let guessCount: Int

        public init(name: String, path: String, key: [String], attributeCount: Int, guessCount: Int) {
            self.name = name
            self.path = path
            self.key = key
            self.attributeCount = attributeCount
            self.guessCount = guessCount
        }
    }

    /// Operations that nothing was made of, for one reason.
    public struct LeftOut: Sendable {
        public let reason: String
        /// As `GET /disks/{id}`, in the document's order.
        public let operations: [String]

        public init(reason: String, operations: [String]) {
            self.reason = reason
            self.operations = operations
        }
    }

    public let name: String
    /// The whole file.
    public let text: String
    public let types: [TypeFound]
    public let leftOut: [LeftOut]
    /// What to look at before the file is used, the most important first.
    public let advice: [String]
    /// What in the document could not be followed.
    public let warnings: Diagnostics

    public init(
        name: String, text: String, types: [TypeFound], leftOut: [LeftOut], advice: [String], warnings: Diagnostics
    ) {
        self.name = name
        self.text = text
        self.types = types
        self.leftOut = leftOut
        self.advice = advice
        self.warnings = warnings
    }
}
