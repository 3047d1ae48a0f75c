public import PlumbModel
internal import StateBackendAPI

/// A state that many stacks share: opened once, so that a thousand stacks that are open need no thousand connections.
public struct SharedState: Sendable {
    let backend: any StateBackend

    /// Connects nothing yet.
    ///
    /// - Parameters:
    ///   - state: what stands under `state:`, as in `stack.yaml`; nil for the default backend.
    ///   - directory: where relative paths start.
    public static func open(
        _ state: SpecificationNode?, directory: String, capabilities: Capabilities, environment: [String: String]
    ) throws(Diagnostics) -> SharedState {
        let opening = StateOpening(capabilities: capabilities, environment: environment)
        let (kind, configuration) = try opening.find(state, of: "controller")
        return SharedState(backend: kind.make(configuration, directory))
    }

    /// Once no stack is open any more.
    public func close() async { await backend.close() }
}
