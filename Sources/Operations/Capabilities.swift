public import ProviderAPI
public import StateBackendAPI

/// What a binary was built with: its providers and its state backends.
public struct Capabilities: Sendable {
    public let providers: [any Provider]
    /// The first is the default.
    public let stateBackends: [StateBackendKind]
    public let version: String

    public init(providers: [any Provider], stateBackends: [StateBackendKind], version: String) {
        self.providers = providers
        self.stateBackends = stateBackends
        self.version = version
    }
}
