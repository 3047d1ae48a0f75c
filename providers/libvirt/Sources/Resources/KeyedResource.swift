import PlumbModel
import ProviderAPI

/// A type whose resources the gateway keys by UUIDs that the client chooses: the intent's, so that a creation can be sent
/// again, and found again after a crash.
protocol KeyedResource: ResourceType, Listing, Recovering, Scanning {
    var gateway: GatewayClient { get }
    /// `pools`
    var collection: String { get }
    /// `pool`, for messages.
    var noun: String { get }

    /// What a PUT of these values says.
    ///
    /// - Parameter prior: nil for a creation.
    func specification(
        of planned: Value, prior: Value?, intent: String
    ) throws(ProviderError) -> Value
    /// What else has to be asked to read resources.
    func surroundings(of live: [Value]) async throws(ProviderError) -> Surroundings
    /// The attributes that the gateway tells of.
    func attributes(of live: Value, like recorded: Value, _ around: Surroundings) -> [String: Value]
    /// Of a PUT.
    func query(of values: Value) -> [(String, String)]
    func deletionQuery(of values: Value) -> [(String, String)]
}

/// What reading resources needs beside their own representations.
struct Surroundings: Sendable {
    /// Addresses that DHCP servers have given, by MAC.
    var leases: [String: [String]] = [:]
}

extension KeyedResource {
    func surroundings(of live: [Value]) async throws(ProviderError) -> Surroundings { Surroundings() }
    func query(of values: Value) -> [(String, String)] { [] }
    func deletionQuery(of values: Value) -> [(String, String)] { [] }

    func path(_ id: String) -> String { "/v1/\(collection)/\(PathText.escaped(id))" }

    func id(of values: Value) throws(ProviderError) -> String {
        guard let id = values.text("id"), !id.isEmpty else {
            throw ProviderError(.unexpected, "The \(noun) has no id in the state. Remove it there and import it.")
        }
        return id
    }

    // MARK: Reading

    func state(of live: Value, like recorded: Value) async throws(ProviderError) -> ResourceState {
        state(of: live, like: recorded, try await surroundings(of: [live]))
    }

    private func state(of live: Value, like recorded: Value, _ around: Surroundings) -> ResourceState {
        ResourceState(
            schema.values(attributes(of: live, like: recorded, around), like: recorded),
            privateData: Notes(etag: live.text("etag")).text)
    }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? {
        guard let live = try await gateway.find(path(try id(of: prior.values))) else { return nil }
        return try await state(of: live, like: prior.values)
    }

    /// One list of all that the host has.
    func read(all priors: [ResourceState]) async throws(ProviderError) -> [ResourceState?] {
        if priors.count == 1 { return [try await read(priors[0])] }
        var found: [String: Value] = [:]
        for live in try await gateway.list("/v1/\(collection)") {
            if let id = live.text("uuid") { found[id] = live }
        }
        var states: [(live: Value, prior: ResourceState)?] = []
        for prior in priors { states.append(found[try id(of: prior.values)].map { ($0, prior) }) }
        let around = try await surroundings(of: states.compactMap { $0?.live })
        return states.map { entry in entry.map { state(of: $0.live, like: $0.prior.values, around) } }
    }

    // MARK: Changing

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let id = request.intent.lowercased()
        return try await put(id, request.planned, prior: nil, intent: request.intent)
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        try await put(try id(of: request.prior.values), request.planned, prior: request.prior, intent: request.intent)
    }

    private func put(
        _ id: String, _ planned: Value, prior: ResourceState?, intent: String
    ) async throws(ProviderError) -> ResourceState {
        let body = try specification(of: planned, prior: prior?.values, intent: intent)
        let tag = prior.flatMap { Notes($0.privateData).etag }
        let answer = try await gateway.ask(
            .init(method: "PUT", path: path(id), query: query(of: planned), body: body, ifMatch: tag))
        if let refusal = answer.refusal {
            // An attempt whose answer was lost may have made it the version that it is; libcurl repeats some by itself.
            if refusal.isUnexpectedVersion {
                let found = try await readAfterChange { () throws(ProviderError) -> ResourceState? in
                    guard let live = try await gateway.find(path(id)) else { return nil }
                    return try await state(of: live, like: planned)
                }
                if let found, keeps(planned, found.values) { return found }
            }
            let error = refusal.error(changes: true)
            throw prior == nil && !error.isOutcomeUnknown ? await removingRemains(of: id, after: error) : error
        }
        var live = answer.body
        if answer.status == 202 {
            _ = try await TaskWaiter(gateway: gateway).wait(for: live, "shutting the guest down")
            let found = try await readAfterChange { () throws(ProviderError) in try await gateway.find(path(id)) }
            guard let found else {
                throw ProviderError(.notFound, "The \(noun) \(id) went away while it was changed.")
            }
            live = found
        }
        let result = live
        return try await readAfterChange { () throws(ProviderError) in try await state(of: result, like: planned) }
    }

    /// What has the id of a creation only that has made: an attempt before the one that was refused, with a libvirt or a gateway
    /// that was killed meanwhile. It must not be left to nobody.
    private func removingRemains(of id: String, after original: ProviderError) async -> ProviderError {
        do throws(ProviderError) {
            guard try await gateway.find(path(id)) != nil else { return original }
            let refusal = try await gateway.ask(.init(method: "DELETE", path: path(id))).refusal
            return refusal == nil || refusal?.isGone == true ? original : original.doubtful
        } catch {
            // The next run finds it by its id.
        }
        return original.doubtful
    }

    /// Whether all that was to be set is so.
    private func keeps(_ planned: Value, _ found: Value) -> Bool {
        schema.attributes.allSatisfy { attribute in
            guard attribute.isSettable, let wanted = planned.given(attribute.name) else { return true }
            let got = found[key: attribute.name] ?? .null
            return wanted == got || attribute.normalisation?.areSame(wanted, got) == true
        }
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        let id = try id(of: request.prior.values)
        // A gateway that is started anew forgets the work that it was at: it is asked again.
        for _ in 0..<3 {
            let call = GatewayClient.Call(
                method: "DELETE", path: path(id), query: deletionQuery(of: request.prior.values))
            let answer = try await gateway.ask(call)
            if let refusal = answer.refusal {
                if refusal.isGone { return }
                throw refusal.error(changes: true)
            }
            guard answer.status == 202 else { return }
            if case .succeeded = try await TaskWaiter(gateway: gateway).wait(
                for: answer.body, "waiting for the guest to shut down")
            {
                return
            }
        }
        throw ProviderError(
            .unavailable, "The gateway was started anew each time while the \(noun) \(id) was removed. Try again.",
            isRetryable: true, isOutcomeUnknown: true)
    }

    // MARK: Recovering

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        let recorded = (intent.action == .update ? intent.prior : intent.planned ?? intent.prior) ?? .null
        let id = intent.action == .create ? intent.id.lowercased() : try id(of: intent.prior ?? recorded)
        try await gateway.awaitChanges(of: path(id))
        guard let live = try await gateway.find(path(id)) else { return .absent }
        if intent.action == .update, let planned = intent.planned {
            let after = try await state(of: live, like: planned)
            if keeps(planned, after.values) { return .found(after) }
        }
        return .found(try await state(of: live, like: recorded))
    }

    // MARK: Importing

    /// `id` is a UUID or a name.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        let isUUID = id.utf8.count == 36 && id.allSatisfy { $0.isHexDigit || $0 == "-" }
        let live =
            isUUID
            ? try await gateway.find(path(id.lowercased()))
            : try await gateway.list("/v1/\(collection)", query: [("name", id)]).first
        guard let live else { return nil }
        return try await state(of: live, like: .null)
    }

    func scan() async throws(ProviderError) -> [ScannedResource] {
        try await gateway.list("/v1/\(collection)").compactMap { live in
            guard let id = live.text("uuid") else { return nil }
            return ScannedResource(id: live.text("name") ?? id, identity: id)
        }
    }

    func identity(of state: ResourceState) throws(ProviderError) -> String { try id(of: state.values) }
}
