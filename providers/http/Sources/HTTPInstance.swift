import HTTPTransport
import PlumbModel
import ProviderAPI

/// One API at one place: its types, and the connections they share.
struct HTTPInstance: ProviderInstance {
    let resourceTypes: [any ResourceType]
    private let connection: APIConnection

    init(connection: APIConnection, parallelism: Int) {
        self.connection = connection
        resourceTypes = connection.api.types.map { type in
            let operations = ResourceOperations(type: type, connection: connection, parallelism: parallelism)
            return type.list == nil
                ? DescribedResource(operations: operations) : ListedResource(operations: operations)
        }
    }

    func close() async {
        await connection.client.close()
    }
}
