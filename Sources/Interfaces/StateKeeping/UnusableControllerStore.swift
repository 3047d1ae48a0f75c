public import StateBackendAPI

/// Stands for a controller's store whose configuration cannot be used: every call says why.
public struct UnusableControllerStore: ControllerStore {
    public let name: String
    public let isShared = false
    private let reason: StateBackendError

    public init(name: String, _ reason: StateBackendError) {
        self.name = name
        self.reason = reason
    }

    public func records(of kind: String) async throws(StateBackendError) -> [ControllerRecord] { throw reason }
    public func record(of kind: String, key: String) async throws(StateBackendError) -> ControllerRecord? {
        throw reason
    }
    public func write(
        _ text: String, of kind: String, key: String, replacing version: Int64?
    ) async throws(StateBackendError) -> Int64? { throw reason }
    public func remove(of kind: String, key: String) async throws(StateBackendError) { throw reason }
    public func append(_ entries: [ControllerLogEntry]) async throws(StateBackendError) { throw reason }
    public func entries(
        of log: String, subject: String?, after number: Int64?, limit: Int
    ) async throws(StateBackendError) -> [ControllerLogEntry] { throw reason }
    public func trim(_ log: String, keeping count: Int) async throws(StateBackendError) { throw reason }
    public func announce(
        _ member: ControllerMember, seconds: Double
    ) async throws(StateBackendError) -> [ControllerMember] { throw reason }
    public func leave(_ id: String) async throws(StateBackendError) { throw reason }
    public func awaitChange(since count: Int64, seconds: Double) async throws(StateBackendError) -> Int64 {
        throw reason
    }
    public func close() async {}
}
