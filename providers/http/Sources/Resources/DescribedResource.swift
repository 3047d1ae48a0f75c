import PlumbModel
import ProviderAPI

/// A resource type of an API file, as the engine sees it.
struct DescribedResource: OperatedResource {
    let operations: ResourceOperations
}

/// The same where the file says how to read many at once.
struct ListedResource: OperatedResource, Listing {
    let operations: ResourceOperations

    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        try await operations.read(all: priors)
    }
}

/// What both kinds have in common: everything goes to the operations.
protocol OperatedResource: Recovering, Importing {
    var operations: ResourceOperations { get }
}

extension OperatedResource {
    var name: String { operations.type.name }
    var schema: Schema { operations.type.schema }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        try await operations.read(prior.values).map { ResourceState($0) }
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        ResourceState(try await operations.create(request.planned))
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        ResourceState(try await operations.update(request.prior.values, to: request.planned))
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        try await operations.delete(request.prior.values)
    }

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        try await operations.recover(intent)
    }

    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        try await operations.importResource(id).map { ResourceState($0) }
    }
}
