import PlumbModel
import ProviderAPI

/// One libvirt host: the types of what it has.
struct LibvirtInstance: ProviderInstance {
    let resourceTypes: [any ResourceType]
    let dataTypes: [any DataType]
    let gateway: GatewayClient

    init(_ gateway: GatewayClient, workingDirectory: String) {
        self.gateway = gateway
        resourceTypes = [
            PoolType(gateway: gateway), VolumeType(gateway: gateway, workingDirectory: workingDirectory),
            NetworkType(gateway: gateway), CloudInitType(gateway: gateway), DomainType(gateway: gateway),
        ]
        dataTypes = [HostData(gateway: gateway), DomainAddressesData(gateway: gateway), ImagesData(gateway: gateway)]
    }

    func close() async {
        await gateway.close()
    }
}
