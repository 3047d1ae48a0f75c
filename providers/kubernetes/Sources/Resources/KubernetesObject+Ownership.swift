import PlumbModel
import ProviderAPI

// Which fields may be taken from whom.
extension KubernetesObject {
    /// Whether an apply may take the fields of a conflict without being told to by `force`.
    ///
    /// What somebody has changed that was Plumbline's is drift, which an apply mends; what another tool applies too is that
    /// tool's as well, and never taken. Of an object that is imported or adopted, what a person has written with kubectl is
    /// taken over with it.
    ///
    /// - Parameters:
    ///   - prior: the manifest that Plumbline has applied; nil where it has applied none.
    func mayTake(_ refusal: Refusal, _ prior: Value?, at place: ObjectPlace) async throws(ProviderError) -> Bool {
        guard refusal.isConflict else { return false }
        guard let stored = try await get(place) else { return false }
        let managers = FieldManager.all(of: stored)
        let own = managers.first(where: \.isOwn)
        return refusal.causes.allSatisfy { cause in
            let owners = managers.filter { !$0.isOwn && $0.fields.owns(cause.field) }
            guard let prior else { return !owners.isEmpty && owners.allSatisfy(OwnershipTransfer.isPersons) }
            guard ServerField(cause.field).isDeclared(in: prior) else { return false }
            let isApplied = owners.contains { $0.operation == "Apply" }
            return !isApplied || own?.fields.owns(cause.field) != true
        }
    }

    /// Before an update: lets Plumbline own what persons' tools own of an object that was imported, and alone what leaves the
    /// manifest, so that the server removes it.
    func takeOver(_ place: ObjectPlace, _ prior: ResourceState, for planned: Manifest) async throws(ProviderError) {
        guard prior.isApplied else { return _ = try await transfer(place, isImported: true) }
        guard ObjectNotes(prior.privateData).isShared,
            let applied = try Manifest(prior.values[key: "manifest"] ?? .null),
            !Self.covers(planned.value, applied.value, isTop: true)
        else { return }
        // As it is now: nothing changes but who owns it. What refuses that refuses the update too, which says so.
        let claimed = try await apply(
            applied, at: place, prior: applied.value, force: false, uid: ObjectNotes(prior.privateData).uid,
            isTrial: false)
        if case .stored = claimed { try await transfer(place, isImported: false) }
    }

    /// After an object was adopted: what is declared is Plumbline's alone, the rest stays with whoever has written it.
    func separate(_ place: ObjectPlace, _ stored: Value) async throws(ProviderError) -> Value {
        guard OwnershipTransfer.separating(stored) != nil else { return stored }
        return try await transfer(place, isImported: false) ?? stored
    }

    /// - Returns: the object after it; nil where there was nothing to do.
    @discardableResult
    private func transfer(_ place: ObjectPlace, isImported: Bool) async throws(ProviderError) -> Value? {
        // Somebody may write to it between the look and the change.
        for _ in 0..<5 {
            guard let stored = try await get(place) else { return nil }
            let isForeign = isImported && !OwnershipTransfer.strangers(in: stored).isEmpty
            let fields = isForeign ? OwnershipTransfer.taking(stored) : OwnershipTransfer.separating(stored)
            guard let fields,
                let version = stored[key: "metadata"]?[key: "resourceVersion"]
            else { return nil }
            let patch: Value = [
                ["op": "replace", "path": "/metadata/managedFields", "value": fields],
                ["op": "replace", "path": "/metadata/resourceVersion", "value": version],
            ]
            let answer = try await cluster.link().client.ask(
                .init(
                    method: "PATCH", path: place.path, query: [("fieldManager", FieldManager.own)],
                    contentType: "application/json-patch+json", body: patch, changes: true,
                    hidesResponse: Self.isSecret(place.resource)))
            guard let refusal = Refusal(answer) else { return answer.body }
            guard refusal.status == 409 else { throw refusal.error(changes: true) }
        }
        throw ProviderError(
            .conflict,
            "\(place.text) could not be taken over from kubectl: somebody else changes it all the time. Try again.",
            isRetryable: true)
    }
}
