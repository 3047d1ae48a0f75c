internal import Planning
public import PlumbModel
internal import StateBackendAPI

/// `plumb state` and `plumb output`: reads what is recorded, without resolving any spec.
public struct StateOperation: Sendable {
    private let stack: String
    private let backend: any StateBackend

    public static func open(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String]
    ) async throws(Diagnostics) -> StateOperation {
        let (stack, backend) = try await StateOpening.open(
            location, capabilities: capabilities, environment: environment)
        return StateOperation(stack: stack, backend: backend)
    }

    public func snapshot() async throws(Diagnostics) -> StateSnapshot {
        try await translating { () throws(StateBackendError) in try await backend.snapshot(of: stack) }
    }

    /// Newest first.
    public func runs(limit: Int) async throws(Diagnostics) -> [RunRecord] {
        try await translating { () throws(StateBackendError) in try await backend.runs(of: stack, limit: limit) }
    }

    /// The changes of one resource, newest first.
    public func history(of text: String, limit: Int) async throws(Diagnostics) -> [HistoryEntry] {
        let address = try Self.address(text)
        let entries = try await translating { () throws(StateBackendError) in
            try await backend.history(of: stack, address: address, limit: limit)
        }
        if entries.isEmpty {
            throw Diagnostics(
                .error("Unknown resource", "The state has no history of \"\(text)\".", address: address))
        }
        return entries
    }

    public func close() async { await backend.close() }

    func editing(_ kind: String, _ holder: LeaseHolder) -> StateEditing {
        StateEditing(backend: backend, stack: stack, holder: holder, kind: kind)
    }

    // MARK: - Finding

    /// Whether an address matches one of some patterns; without any, it does.
    public static func matches(_ address: ResourceAddress, _ patterns: [String]) -> Bool {
        patterns.isEmpty || patterns.contains { AddressPattern($0).matches(address, file: nil) }
    }

    /// The rows of an address: the current one and deposed ones.
    public static func records(
        at text: String, in snapshot: StateSnapshot
    ) throws(Diagnostics) -> [ResourceRecord] {
        let address = try address(text)
        let found = snapshot.resources.filter { $0.address == address }
        if !found.isEmpty { return found }
        let hint = Suggestion.didYouMean(text, among: snapshot.resources.map(\.address.description))
        throw Diagnostics(
            .error("Unknown resource", "The state has no resource \"\(text)\".\(hint)", address: address))
    }

    private static func address(_ text: String) throws(Diagnostics) -> ResourceAddress {
        if let address = ResourceAddress(parsing: text) { return address }
        throw Diagnostics(
            .error(
                "Invalid address",
                "\"\(text)\" is no address. Addresses look like `local_file.motd` or `local_file.config[\"web\"]`; mind the "
                    + "shell's quotes."))
    }
}
