import PlumbModel
import ProviderAPI

/// A resource type of an API file, as the engine sees it.
struct DescribedResource: OperatedResource {
    let operations: ResourceOperations
}

/// The same where the file says how to read many at once.
struct ListedResource: ListedOperations {
    let operations: ResourceOperations
}

/// The same where the file says how to find all that exist.
struct ScannedType: ScannedOperations {
    let operations: ResourceOperations
    let others: [String: ResourceOperations]
}

/// The same where it says both.
struct ListedScannedType: ListedOperations, ScannedOperations {
    let operations: ResourceOperations
    let others: [String: ResourceOperations]
}

/// What all of them have in common: everything goes to the operations.
protocol OperatedResource: Recovering, Importing {
    var operations: ResourceOperations { get }
}

extension OperatedResource {
    var name: String { operations.type.name }
    var schema: Schema { operations.type.schema }
    var warnings: Diagnostics { Diagnostics(operations.type.warnings) }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        try await operations.read(prior)
    }

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        try operations.plan(request)
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        try await operations.create(request)
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        try await operations.update(request)
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        try await operations.delete(request)
    }

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        try await operations.recover(intent)
    }

    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        try await operations.importResource(id)
    }
}

/// Reading many at once.
protocol ListedOperations: OperatedResource, Listing {}

extension ListedOperations {
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        try await operations.read(all: priors)
    }
}

/// Finding all that exist.
protocol ScannedOperations: OperatedResource, Scanning {
    /// Of the API's other types, by name.
    var others: [String: ResourceOperations] { get }
}

extension ScannedOperations {
    func scan() async throws(ProviderError) -> [ScannedResource] {
        try await operations.scan(others)
    }

    func identity(of state: ResourceState) throws(ProviderError) -> String {
        try operations.identity(of: state.values)
    }
}
