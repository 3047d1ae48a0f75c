import PlumbModel
import ProviderAPI

/// What volumes and images for cloud-init have in common: the gateway keys them by their pool and name.
protocol StoredResource: ResourceType, Listing, Recovering, Importing {
    var gateway: GatewayClient { get }
    /// `volumes`
    var collection: String { get }
    func state(of live: Value, like recorded: ResourceState) -> ResourceState
    /// Whether what exists is what was to be made.
    func isMade(_ state: ResourceState, as planned: Value) -> Bool
}

extension StoredResource {
    func id(of values: Value) throws(ProviderError) -> VolumeID { try VolumeID(values[key: "id"], in: "id") }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? { try await read(prior, again: 3) }

    private func read(_ prior: ResourceState, again: Int) async throws(ProviderError) -> ResourceState? {
        let id = try id(of: prior.values)
        do throws(ProviderError) {
            if let live = try await gateway.find(id.path(collection)) { return state(of: live, like: prior) }
        } catch {
            // A pool that is stopped is asked in vain, and again when it was started meanwhile.
            guard error.code == .conflict else { throw error }
            if try await isHidden(id) { return prior }
            guard again > 0 else { throw error }
            return try await read(prior, again: again - 1)
        }
        return try await isHidden(id) ? prior : nil
    }

    /// A pool that is stopped shows none of its volumes, and has them nonetheless.
    func isHidden(_ id: VolumeID) async throws(ProviderError) -> Bool {
        guard let pool = try await gateway.find("/v1/pools/\(PathText.escaped(id.pool))") else { return false }
        return pool.flag("running") == false
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        let id = try id(of: request.prior.values)
        let call = GatewayClient.Call(
            method: "DELETE", path: id.path(collection), ifMatch: Notes(request.prior.privateData).etag)
        let answer = try await gateway.ask(call)
        guard let refusal = answer.refusal, !refusal.isGone else { return }
        // Nothing is there to be another version.
        if refusal.isUnexpectedVersion, try await gateway.find(id.path(collection)) == nil { return }
        throw refusal.error(changes: true)
    }

    /// What a creation must not meet: it has no sign of whose it is.
    func expectNothing(at id: VolumeID, _ noun: String) async throws(ProviderError) {
        guard try await gateway.find(id.path(collection)) != nil else { return }
        throw ProviderError(
            .conflict,
            "There is a \(noun) \(id.name) in the pool already. Import it by \(id.text), choose another name, or remove it."
        )
    }

    /// Whether a creation that was refused has happened nonetheless: what is there then an attempt before the refused one has made,
    /// with a libvirt or a gateway that was killed meanwhile. It must not be left to nobody.
    func doubting(_ refused: ProviderError, _ id: VolumeID) async -> ProviderError {
        guard !refused.isOutcomeUnknown, refused.code != .cancelled else { return refused }
        do throws(ProviderError) {
            // Images for cloud-init are volumes too, also those that are none yet.
            let isThere = try await gateway.find(id.path("volumes")) != nil
            if !isThere, try await !isHidden(id) { return refused }
        } catch {
            // It cannot be told.
        }
        return refused.doubtful
    }

    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        let recorded = ResourceState(
            (intent.action == .create ? intent.planned : intent.prior) ?? .null, privateData: intent.privateData)
        guard let id = try plannedID(recorded.values) else { return .absent }
        // Images for cloud-init are volumes too, and have their turn with them.
        try await gateway.awaitChanges(of: id.path("volumes"))
        let found: Value?
        do throws(ProviderError) {
            found = try await gateway.find(id.path(collection))
        } catch {
            guard intent.action == .create, error.code == .conflict, try await !isHidden(id) else { throw error }
            // It is no image, or half of one: the creation writes it whole, or says whose it is.
            return .absent
        }
        guard let live = found else { return .absent }
        if intent.action == .update, let planned = intent.planned {
            let after = self.state(of: live, like: ResourceState(planned, privateData: intent.privateData))
            if isMade(after, as: planned) { return .found(after) }
        }
        let state = self.state(of: live, like: recorded)
        guard intent.action == .create, !isMade(state, as: recorded.values) else { return .found(state) }
        return .unclear(
            "\(id.name) exists in the pool \(id.pool), but is not as it was to be created. Somebody else may have made it: import "
                + "it by \(id.text), or remove it.")
    }

    /// Nil where the pool is not known yet, so that nothing can have been made.
    func plannedID(_ values: Value) throws(ProviderError) -> VolumeID? {
        if let text = values.text("id") { return VolumeID(text) }
        guard let pool = values.text("pool"), let name = values.text("name") else { return nil }
        return VolumeID(pool: pool, name: name)
    }

    func identity(of state: ResourceState) throws(ProviderError) -> String { try id(of: state.values).text }

    /// `id` is the pool's UUID or name, a slash, the volume's name.
    func located(_ id: String) async throws(ProviderError) -> VolumeID? {
        if let found = VolumeID(id) { return found }
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw ProviderError(.invalid, "\"\(id)\" names no volume: write POOL/NAME, the pool by its name or UUID.")
        }
        guard let pool = try await gateway.list("/v1/pools", query: [("name", String(parts[0]))]).first?.text("uuid")
        else {
            return nil
        }
        return VolumeID(pool: pool, name: String(parts[1]))
    }

    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        guard let place = try await located(id), let live = try await gateway.find(place.path(collection)) else {
            return nil
        }
        return state(of: live, like: ResourceState(.null))
    }
}
