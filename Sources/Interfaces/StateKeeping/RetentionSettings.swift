public import PlumbModel
public import StateBackendAPI

/// How `state:` of stack.yaml says how much of the past is kept: the same for every database.
extension Retention {
    public static let settings = [
        AttributeSchema(
            "keep_changes", .number, .optional, default: 100,
            "How many changes of each address history keeps; at least 1."),
        AttributeSchema(
            "keep_runs", .number, .optional, default: 1000, "How many runs of the stack history keeps; at least 1."),
    ]

    /// - Parameter configuration: conforms to a schema with `settings`.
    /// - Throws: `unavailable` for what is no whole number from 1.
    public init(_ configuration: Value) throws(StateBackendError) {
        let runs = try Self.count("keep_runs", in: configuration)
        self.init(
            changesPerAddress: try Self.count("keep_changes", in: configuration), runsPerStack: runs,
            runsWithIntents: min(10, runs))
    }

    private static func count(_ name: String, in configuration: Value) throws(StateBackendError) -> Int {
        let value = configuration[key: name]
        guard let count = value?.asInt, (1...1_000_000_000).contains(count) else {
            throw StateBackendError(
                .unavailable,
                "The setting \(name) of the state is \(value?.json ?? "missing"): it must be a whole number from 1.")
        }
        return count
    }
}
