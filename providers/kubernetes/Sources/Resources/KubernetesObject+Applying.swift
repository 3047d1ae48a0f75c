import PlumbModel
import ProviderAPI

extension KubernetesObject {
    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let manifest = try Manifest.recorded(request.planned)
        let choices = try ObjectChoices(request.planned)
        let place = try await placeOfNew(manifest)
        if !cluster.expectations.isAbsent(place.path), !choices.adopt, let found = try await get(place) {
            let uid = ObjectNotes(of: found).uid
            if let uid, cluster.expectations.uid(of: place.identity) == uid {
                throw ProviderError(
                    .conflict,
                    "\(place.text) cannot be created before the old one is destroyed: both have the same name. Leave out "
                        + "`create_before_destroy`, or give the new one another name.")
            }
            // Ours: a call whose answer was lost. Anything else came to be since the plan was made.
            guard manifest.hasMade(found) else { throw exists(place, found) }
        }
        let applied = try await apply(manifest, at: place, prior: nil, force: choices.force, isTrial: false)
        cluster.expectations.forget(absence: place.path)
        switch applied {
        case .stored(let stored, let isNew):
            // Where it cannot be done now, `ObjectNotes.isShared` leaves it to the next update that needs it.
            let separated = choices.adopt && !isNew ? (try? await separate(place, stored)) : nil
            return made(separated ?? stored, as: request.planned)
        case .refused(let refusal) where refusal.isConflict: throw await conflict(refusal, at: place)
        case .refused(let refusal): throw refusal.error(changes: true)
        }
    }

    /// The server takes a moment to offer a kind after its definition is established.
    private func placeOfNew(_ manifest: Manifest) async throws(ProviderError) -> ObjectPlace {
        for attempt in 0..<20 {
            if let place = try await place(of: manifest, isUrgent: attempt > 0) { return place }
            ProviderProgress.report("waiting until the server offers \(manifest.kind) in \(manifest.version)")
            try await pause(.milliseconds(attempt < 5 ? 100 : 500))
        }
        throw await unknownKind(manifest)
    }

    private func pause(_ duration: Duration) async throws(ProviderError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw ProviderError(.cancelled, "The wait was cancelled.")
        }
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        let manifest = try Manifest.recorded(request.planned)
        let choices = try ObjectChoices(request.planned)
        guard let place = try await place(of: manifest) else { throw await unknownKind(manifest) }
        let notes = ObjectNotes(request.prior.privateData)
        try await takeOver(place, request.prior, for: manifest)
        // With its uid, so that an object that has been made anew meanwhile is not taken for the planned one.
        let applied = try await apply(
            manifest, at: place, prior: request.prior.appliedManifest, force: choices.force, uid: notes.uid,
            isTrial: false)
        switch applied {
        case .stored(let stored, _): return made(stored, as: request.planned)
        case .refused(let refusal) where refusal.isConflict: throw await conflict(refusal, at: place)
        case .refused(let refusal) where refusal.isGone || refusal.status == 409:
            let now = try await get(place)
            guard now == nil || ObjectNotes(of: now ?? .null).uid != notes.uid else {
                throw refusal.error(changes: true)
            }
            throw ProviderError(
                .conflict,
                "\(place.text) has been \(now == nil ? "deleted" : "deleted and made anew") since the plan was made. Plan again."
            )
        case .refused(let refusal): throw refusal.error(changes: true)
        }
    }

    // MARK: - Deletion

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        // A kind that is gone has no objects.
        guard let place = try await place(of: request.prior) else { return }
        let notes = ObjectNotes(request.prior.privateData)
        let choices = try ObjectChoices(request.prior.values)
        var options = ValueMap([
            ("apiVersion", "v1"), ("kind", "DeleteOptions"), ("propagationPolicy", .string(choices.propagation)),
        ])
        if let uid = notes.uid { options["preconditions"] = ["uid": .string(uid)] }
        let answer = try await cluster.link().client.ask(
            .init(
                method: "DELETE", path: place.path, body: .object(options), changes: true,
                hidesResponse: Self.isSecret(place.resource)))
        if let refusal = Refusal(answer) {
            if refusal.isGone { return }
            if refusal.status == 409 {
                // Another object has its name by now: the one that is meant is gone.
                guard let now = try await get(place), notes.uid == nil || ObjectNotes(of: now).uid == notes.uid else {
                    return
                }
                if now[key: "metadata"]?[key: "deletionTimestamp"]?.isNull == false {
                    return try await waitUntilGone(place, notes.uid)
                }
            }
            throw refusal.error(changes: true)
        }
        try await waitUntilGone(place, notes.uid ?? ObjectNotes(of: answer.body).uid)
    }

    /// How long a deletion may take.
    private static let longestDeletion = Duration.seconds(300)

    private func waitUntilGone(_ place: ObjectPlace, _ uid: String?) async throws(ProviderError) {
        let end = ContinuousClock.now + Self.longestDeletion
        var wait = Duration.milliseconds(20)
        while let stored = try await get(place), uid == nil || ObjectNotes(of: stored).uid == uid {
            let why = Self.reasonToStay(stored)
            guard ContinuousClock.now < end else {
                throw ProviderError(
                    .timeout, "\(place.text) is being deleted, but is still there after 5 minutes: \(why).")
            }
            if wait > .milliseconds(200) { ProviderProgress.report("being deleted: \(why)") }
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw ProviderError(
                    .cancelled, "\(place.text) is being deleted; the wait for it was cancelled.", isOutcomeUnknown: true
                )
            }
            wait = min(wait * 2, .seconds(1))
        }
    }

    /// With who has put it there, which is who has to remove it.
    private static func holder(of finalizer: String, _ stored: Value) -> String {
        let member = Value.string(finalizer)
        let managers = FieldManager.all(of: stored).filter { manager in
            manager.fields.fields["metadata"]?.fields["finalizers"]?.members.contains(member) == true
        }
        let names = Set(managers.map(\.name)).sorted().map { "\"\($0)\"" }
        return names.isEmpty ? finalizer : "\(finalizer) (set by \(names.joined(separator: ", ")))"
    }

    private static func reasonToStay(_ stored: Value) -> String {
        let finalizers = (stored[key: "metadata"]?[key: "finalizers"]?.asList ?? []).compactMap(\.asString)
        // A namespace says what is left in it.
        let conditions = (stored[key: "status"]?[key: "conditions"]?.asList ?? []).filter {
            $0[key: "status"]?.asString == "True"
        }
        let told = conditions.compactMap { $0[key: "message"]?.asString }.filter { !$0.isEmpty }
        let kubernetes = stored[key: "spec"]?[key: "finalizers"]?.asList?.isEmpty == false
        var parts: [String] = []
        if !finalizers.isEmpty {
            parts.append(
                "finalizers hold it: \(finalizers.map { holder(of: $0, stored) }.joined(separator: ", ")). Each is removed "
                    + "by the controller that it belongs to, when that has cleaned up")
        }
        if kubernetes, finalizers.isEmpty { parts.append("its content goes first") }
        parts += told.prefix(3)
        return parts.isEmpty ? "the server has not let go of it yet" : parts.joined(separator: "; ")
    }
}
