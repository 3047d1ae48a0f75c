internal import HTTPTransport
public import PlumbModel
public import ProviderAPI

/// The provider for the objects of Kubernetes clusters: planned by the API server's own dry run, applied server-side.
public struct KubernetesProvider: Provider {
    private let version: String?

    /// `version` is told to servers in the user agent.
    public init(version: String? = nil) {
        self.version = version
    }

    public var name: String { "kubernetes" }

    public var configurationSchema: Schema { ClusterSettings.schema }

    public func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance {
        KubernetesInstance(
            Cluster(try ClusterSettings(configuration, userAgent: HTTPClient.userAgent(version: version))))
    }
}
