internal import HTTPTransport
public import PlumbModel
public import ProviderAPI

/// The provider for virtual machines of libvirt hosts, through `plumb-libvirt-gateway`.
public struct LibvirtProvider: Provider {
    private let version: String?

    /// `version` is told to gateways in the user agent.
    public init(version: String? = nil) {
        self.version = version
    }

    public var name: String { "libvirt" }

    public var configurationSchema: Schema { GatewaySettings.schema }

    public func configure(_ configuration: ProviderConfiguration) throws(Diagnostics) -> any ProviderInstance {
        let settings = try GatewaySettings(configuration, userAgent: HTTPClient.userAgent(version: version))
        return LibvirtInstance(GatewayClient(settings), workingDirectory: configuration.workingDirectory)
    }
}
