import HTTPTransport
import PlumbModel
import ProviderAPI

/// One API at one place: its types, and the connections they share.
struct HTTPInstance: ProviderInstance {
    let resourceTypes: [any ResourceType]
    let dataTypes: [any DataType]
    let warnings: Diagnostics
    let preferredParallelism: Int?
    private let connection: APIConnection

    init(connection: APIConnection, parallelism: Int) {
        self.connection = connection
        preferredParallelism = parallelism
        warnings = connection.api.commonWarnings
        let turns = Turns()
        let all = connection.api.types.map { type in
            ResourceOperations(type: type, connection: connection, parallelism: parallelism, turns: turns)
        }
        let byName = Dictionary(all.map { ($0.type.name, $0) }, uniquingKeysWith: { first, _ in first })
        resourceTypes = all.map { HTTPInstance.resourceType($0, byName) }
        dataTypes = connection.api.dataTypes.map { DescribedData(type: $0, connection: connection) }
    }

    /// With the abilities that the API file gives it.
    private static func resourceType(
        _ operations: ResourceOperations, _ others: [String: ResourceOperations]
    ) -> any ResourceType {
        let type = operations.type
        let readsMany = type.list?.isPartial == false || type.batch != nil
        switch (readsMany, type.scan != nil) {
        case (true, true): return ListedScannedType(operations: operations, others: others)
        case (true, false): return ListedResource(operations: operations)
        case (false, true): return ScannedType(operations: operations, others: others)
        case (false, false): return DescribedResource(operations: operations)
        }
    }

    func close() async {
        await connection.client.close()
    }
}
