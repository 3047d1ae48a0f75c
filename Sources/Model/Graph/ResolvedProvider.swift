/// A provider instance whose settings come from resources: it can be configured once these are known.
public struct ResolvedProvider: Sendable {
    /// `http.dns`, `http.region["eu"]`.
    public let name: String
    public let settings: ValueExpression
    /// The mapping in `stack.yaml`.
    public let node: SpecificationNode?
    public let schema: Schema
    /// `each.key` in the settings.
    public let key: InstanceKey?
    public let eachValue: Value?
    /// The environment variables that the settings name; nil where they are withheld.
    public let environment: [String: String]?
    /// The declarations that it waits for: indexes into `ResourceGraph.declarations`.
    public let dependencies: [Int]

    public init(
        name: String, settings: ValueExpression, node: SpecificationNode?, schema: Schema, key: InstanceKey?,
        eachValue: Value?, environment: [String: String]?, dependencies: [Int]
    ) {
        self.name = name
        self.settings = settings
        self.node = node
        self.schema = schema
        self.key = key
        self.eachValue = eachValue
        self.environment = environment
        self.dependencies = dependencies
    }
}
