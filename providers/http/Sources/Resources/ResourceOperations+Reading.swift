import Expressions
import HTTPTransport
import PlumbModel
import ProviderAPI

/// Finding one resource, and reading its attributes off the server's words.
extension ResourceOperations {
    /// A resource that exists.
    struct Found {
        /// In the server's words; null where it is as it was.
        let live: Value
        let etag: String?
        var state: ResourceState
    }

    /// What exists now; nil if it is gone.
    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        let scope = connection.scope(shape, own: prior.values)
        let canAsk = type.read.steps.count == 1 && type.read.items == nil
        let etag = canAsk ? etag(of: prior) : nil
        guard let found = try await findLive(type.read, scope, etag: etag) else { return nil }
        guard !found.isUnchanged else { return prior }
        let state = try state(found, scope).state
        try requireAsked(state.values, prior.values, identity)
        return state
    }

    func find(_ operation: ReadOperation, _ scope: OperationScope) async throws(ProviderError) -> Found? {
        guard let live = try await findLive(operation, scope) else { return nil }
        return try state(live, scope)
    }

    private func state(_ found: LiveFinder.Live, _ initial: OperationScope) throws(ProviderError) -> Found {
        var scope = initial
        scope.live = found.value
        let state = ResourceState(try assemble(scope), privateData: notes(found.etag))
        return Found(live: found.value, etag: found.etag, state: state)
    }

    /// The resource in the server's words; nil if there is none.
    func findLive(
        _ operation: ReadOperation, _ scope: OperationScope, etag: String? = nil
    ) async throws(ProviderError) -> LiveFinder.Live? {
        try await LiveFinder(shape: shape, connection: connection).find(operation, scope, etag: etag)
    }

    // MARK: - Attributes

    var reading: AttributeReading { AttributeReading(shape: shape, connection: connection) }

    func assemble(_ scope: OperationScope) throws(ProviderError) -> Value {
        try reading.assemble(scope)
    }
}
