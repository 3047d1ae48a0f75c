internal import Expressions
internal import Loading
internal import PlumbModel
internal import Resolving
internal import StateBackendAPI

/// Finds the state backend that `state:` of `stack.yaml` names; without it, the default one.
struct StateOpening {
    private let capabilities: Capabilities
    private let environment: [String: String]

    init(capabilities: Capabilities, environment: [String: String]) {
        self.capabilities = capabilities
        self.environment = environment
    }

    /// Opens the state of a stack without resolving its specs: what `plumb output` and `plumb state` need.
    static func open(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> (stack: String, backend: SealingBackend) {
        try await BlockingWork.run { () throws(Diagnostics) in
            let stack = try SpecLoader(
                source: try location.openNewest(), decrypter: SpecDecrypter(environment)
            ).loadStack()
            let opening = StateOpening(capabilities: capabilities, environment: environment)
            let backend = try opening.sealed(stack, directory: location.directory, defaults: defaults)
            return (stack.name, backend)
        }
    }

    /// - Parameters:
    ///   - directory: where relative paths start, and where the key is, unless the defaults hold.
    ///   - defaults: where the state is of a stack that names none.
    func sealed(
        _ stack: StackDeclaration, directory: String, defaults: StackDefaults?
    ) throws(Diagnostics) -> SealingBackend {
        if let defaults, !stack.namesState {
            let keys = KeyStore(directory: defaults.directory, environment: environment)
            return SealingBackend(defaults.state.backend, ValueVault(keys), isShared: true)
        }
        let keys = KeyStore(directory: directory, environment: environment)
        return SealingBackend(try open(stack, directory: directory), ValueVault(keys))
    }

    func open(_ stack: StackDeclaration, directory: String) throws(Diagnostics) -> any StateBackend {
        let (kind, configuration) = try find(stack.state, of: "stack")
        return kind.make(configuration, directory)
    }

    /// - Parameters:
    ///   - node: what stands under `state:`; nil for the default backend.
    ///   - owner: whose state it is, for messages: `stack`.
    func find(_ node: SpecificationNode?, of owner: String) throws(Diagnostics) -> (StateBackendKind, Value) {
        guard let entry = node?.mapping?.first else {
            guard node == nil || node?.scalar?.value.isNull == true else {
                throw Diagnostics(
                    .error("Wrong type", "`state` must be a mapping with one backend: \(names).", at: node?.range))
            }
            guard let kind = capabilities.stateBackends.first else {
                preconditionFailure("a binary is built with at least one state backend")
            }
            return (kind, try configuration(nil, kind))
        }
        guard let kind = capabilities.stateBackends.first(where: { $0.name == entry.key }) else {
            throw Diagnostics(
                .error(
                    "Unknown state backend",
                    "No state backend is named \"\(entry.key)\"."
                        + "\(Suggestion.didYouMean(entry.key, among: capabilities.stateBackends.map(\.name))) There are: "
                        + "\(names).", at: entry.keyRange))
        }
        if let second = node?.mapping?.dropFirst().first {
            throw Diagnostics(
                .error(
                    "Two state backends", "A \(owner) has one state: remove \"\(second.key)\".", at: second.keyRange))
        }
        return (kind, try configuration(entry.value, kind))
    }

    private var names: String { capabilities.stateBackends.map(\.name).joined(separator: ", ") }

    private func configuration(_ node: SpecificationNode?, _ kind: StateBackendKind) throws(Diagnostics) -> Value {
        var values = Value.null
        if let node {
            let expression = try ExpressionParser.parse(node)
            values = try Evaluator(scope: EnvironmentScope(environment: environment, files: nil)).evaluate(expression)
        }
        return try ConfigurationConformer(
            schema: kind.configurationSchema, node: node, name: "state backend \(kind.name)"
        ).conform(values)
    }
}
