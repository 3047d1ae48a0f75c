public import PlumbModel
public import StateBackendAPI

/// Opens what a controller keeps, in the database that `state:` of its configuration names.
public struct ControllerStoreOpening {
    private let opening: StateOpening

    public init(capabilities: Capabilities, environment: [String: String]) {
        opening = StateOpening(capabilities: capabilities, environment: environment)
    }

    /// Connects nothing yet.
    ///
    /// - Parameters:
    ///   - state: what stands under `state:`, as in `stack.yaml`; nil for the default backend.
    ///   - directory: where relative paths start.
    public func open(_ state: SpecificationNode?, directory: String) throws(Diagnostics) -> any ControllerStore {
        let (kind, configuration) = try opening.find(state, of: "controller")
        return kind.makeControllerStore(configuration, directory)
    }
}
