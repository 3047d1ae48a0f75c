internal import Planning
public import PlumbModel
internal import StateBackendAPI

/// `plumb state` and `plumb output`: reads what is recorded, without resolving any spec.
public struct StateOperation: Sendable {
    let stack: String
    let backend: SealingBackend
    private let location: StackLocation
    private let capabilities: Capabilities
    private let environment: [String: String]

    public static func open(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> StateOperation {
        let (stack, backend) = try await StateOpening.open(
            location, capabilities: capabilities, environment: environment, defaults: defaults)
        return StateOperation(
            stack: stack, backend: backend, location: location, capabilities: capabilities, environment: environment)
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
        StateEditing(backend: backend, stack: stack, holder: holder.forOneCommit, kind: kind)
    }

    /// Changes rows as they are stored, secrets sealed.
    func storedEditing(_ kind: String, _ holder: LeaseHolder) -> StateEditing {
        StateEditing(backend: backend.base, stack: stack, holder: holder, kind: kind)
    }

    /// All that is stored, secrets sealed; nil where nothing ever was.
    func storedContents() async throws(Diagnostics) -> StateContents? {
        let contents = try await translating { () throws(StateBackendError) in
            try await backend.base.contents(of: stack)
        }
        if let place = contents?.movedTo {
            let error = SealingBackend.moved(stack, from: backend.name, to: place)
            throw Diagnostics(.error(error.summary, error.message))
        }
        return contents
    }

    /// As `storedContents`, where there must be something.
    func existingContents() async throws(Diagnostics) -> StateContents {
        if let contents = try await storedContents() { return contents }
        throw Diagnostics(
            .error(
                "Nothing is recorded",
                "The state of the stack \"\(stack)\" in \(backend.name) is empty. `plumb apply` writes the first of it."
            ))
    }

    /// Opens another place for the same stack's state.
    ///
    /// - Parameter text: what `state:` of stack.yaml would say, `sqlite:PATH`, or a URL.
    func otherBackend(_ text: String) async throws(Diagnostics) -> any StateBackend {
        let opening = StateOpening(capabilities: capabilities, environment: environment)
        let (stack, directory) = (stack, location.directory)
        return try opening.open(
            StatePlace.parse(text, stack: stack, kinds: capabilities.stateBackends), directory: directory)
    }

    /// Opens the stack itself, so that its schemas and providers can be asked.
    func session(requiresVariables: Bool) async throws(Diagnostics) -> StackSession {
        try await StackSession.open(
            location, capabilities: capabilities, environment: environment, requiresVariables: requiresVariables)
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
