public import PlumbModel

/// The scope of the parts of `stack.yaml` that are read first, such as `state:`: environment variables alone.
public struct EnvironmentScope: EvaluationScope {
    private let environment: [String: String]?
    public let files: (any SpecificationSource)?

    /// - Parameter environment: nil where it is withheld: then all of its variables are unknown.
    public init(environment: [String: String]?, files: (any SpecificationSource)?) {
        self.environment = environment
        self.files = files
    }

    public func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .environment(let name) = reference else {
            throw Diagnostics(
                .error(
                    "Reference out of place",
                    "This part of `stack.yaml` can refer to environment variables alone (`env.NAME`), since it is read first.",
                    at: range))
        }
        guard let environment else { return Value.unknown(.string).sensitive() }
        guard let value = environment[name] else {
            throw Diagnostics(
                .error(
                    "Environment variable not set",
                    "The environment has no variable \"\(name)\"."
                        + "\(Suggestion.didYouMean(name, among: environment.keys)) Set it, or give a fallback with "
                        + "`try(env.\(name), \"…\")`.", at: range))
        }
        return .string(value)
    }

    public func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range)
    }
}
