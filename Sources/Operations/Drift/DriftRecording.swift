internal import Applying
internal import PlumbModel
internal import StateBackendAPI

/// Writes what a check has found into the state, as one recorded run under the stack's lease.
struct DriftRecording: Sendable {
    let session: StackSession
    let holder: LeaseHolder
    var trigger = "cli"

    /// - Parameters:
    ///   - unseen: what could not be looked at.
    ///   - time: of the check, in seconds since 1970.
    func record(
        _ found: [DriftFinder.Found], unseen: Set<ResourceAddress>, at time: Double, patience: Double,
        waiting: @Sendable (String) -> Void
    ) async throws(Diagnostics) -> DriftLedger.Update {
        let vault = session.vault
        let runs = try await translating { () throws(StateBackendError) in
            try await session.backend.runs(of: session.name, limit: 50)
        }
        let ledger = DriftLedger(now: time, runs: runs) { (value) throws(KeyError) in try vault.fingerprint(value) }
        return try await perform("drift", patience, waiting) { (snapshot) throws(Diagnostics) in
            let recorded = Set(snapshot.resources.map(\.address))
            do throws(KeyError) {
                let update = try ledger.update(snapshot.drift, with: found, unseen: unseen) { recorded.contains($0) }
                let open = update.records.count { $0.isPresent }
                var summary = open == 0 ? "in sync" : "\(open) drifted"
                if !unseen.isEmpty { summary = "\(open) drifted, \(unseen.count) could not be read" }
                return Note(told: update, records: update.records, summary: summary, isWhole: unseen.isEmpty)
            } catch {
                throw Diagnostics(.error("Key is missing", error.message))
            }
        }
    }

    /// Notes that a heal has set places back.
    ///
    /// - Parameter isWhole: whether the check before it has looked at everything.
    func conclude(
        _ healed: [DriftRecord], isWhole: Bool, patience: Double, waiting: @Sendable (String) -> Void
    ) async throws(Diagnostics) {
        guard !healed.isEmpty else { return }
        let places = Dictionary(grouping: healed, by: \.address).mapValues { Set($0.map(\.path)) }
        try await perform("drift", patience, waiting) { (snapshot) throws(Diagnostics) in
            let records = snapshot.drift.map { record in
                var record = record
                if record.isPresent, places[record.address]?.contains(record.path) ?? false {
                    record.status = .healed
                    record.heals += 1
                    record.lastSeen = WallClock.now()
                }
                return record
            }
            return Note(told: (), records: records, summary: "\(healed.count) healed", isWhole: isWhole)
        }
    }

    /// What is to be written.
    private struct Note<Told> {
        let told: Told
        let records: [DriftRecord]
        /// One line, for the run.
        let summary: String
        /// Whether everything was looked at: only then may a later check rely on this one.
        var isWhole = true
    }

    private func perform<Told: Sendable>(
        _ kind: String, _ patience: Double, _ waiting: @Sendable (String) -> Void,
        _ decide: (StateSnapshot) throws(Diagnostics) -> Note<Told>
    ) async throws(Diagnostics) -> Told {
        let (backend, stack) = (session.backend, session.name)
        let lease = try await translating { () throws(StateBackendError) in
            try await LeaseTaking(backend: backend, stack: stack, holder: holder.forOneCommit).take(
                seconds: ApplyOperation.leaseSeconds, patience: patience, waiting: waiting)
        }
        let run = RunRecord(
            id: RunIdentifier.make(), kind: kind, trigger: trigger, revision: session.revision,
            actor: holder.description, startedAt: WallClock.now())
        let held = HeldStack(lease, backend, control: RunControl())
        FaultPoint.reach("drift-leased")
        let result: Result<Told, Diagnostics>
        do throws(Diagnostics) {
            let snapshot = try await translating { () throws(StateBackendError) in try await backend.snapshot(of: stack)
            }
            let note = try decide(snapshot)
            try await translating { () throws(StateBackendError) in
                let end = StateWrite.finishRun(
                    id: run.id, outcome: note.isWhole ? .succeeded : .failed, summary: note.summary, at: WallClock.now()
                )
                try await backend.commit([.beginRun(run), .drift(note.records), end], under: lease)
            }
            result = .success(note.told)
        } catch {
            result = .failure(error)
        }
        await held.end()
        return try result.get()
    }
}
