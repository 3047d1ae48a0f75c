internal import Applying
internal import PlumbModel
internal import StateBackendAPI

/// Changes rows of a state without a plan, as one recorded run under the stack's lease.
struct StateEditing: Sendable {
    let backend: any StateBackend
    let stack: String
    let holder: LeaseHolder
    /// Of the run: `import`, `state mv`.
    let kind: String

    /// What is to be written, and what there is to tell of it.
    struct Edit<Told: Sendable>: Sendable {
        let writes: [StateWrite]
        /// One line for the run's record.
        let summary: String
        let told: Told
    }

    /// - Parameter decide: given the state under the lease and the run's identifier.
    func perform<Told: Sendable>(
        _ decide: @Sendable (StateSnapshot, String) async throws(Diagnostics) -> Edit<Told>
    ) async throws(Diagnostics) -> Told {
        let lease = try await translating { () throws(StateBackendError) in
            try await LeaseTaking(backend: backend, stack: stack, holder: holder).take(
                seconds: ApplyOperation.leaseSeconds, patience: 0)
        }
        let held = HeldStack(lease, backend, control: RunControl())
        let result = await edit(lease, decide)
        await held.end()
        return try result.get()
    }

    private func edit<Told: Sendable>(
        _ lease: Lease, _ decide: @Sendable (StateSnapshot, String) async throws(Diagnostics) -> Edit<Told>
    ) async -> Result<Told, Diagnostics> {
        let run = RunRecord(
            id: RunIdentifier.make(), kind: kind, trigger: "cli", revision: nil, actor: holder.description,
            startedAt: WallClock.now())
        FaultPoint.reach("edit-began")
        do throws(Diagnostics) {
            let snapshot = try await translating { () throws(StateBackendError) in
                try await backend.snapshot(of: stack)
            }
            let edit = try await decide(snapshot, run.id)
            FaultPoint.reach("edit-decided")
            try await translating { () throws(StateBackendError) in
                let end = StateWrite.finishRun(
                    id: run.id, outcome: .succeeded, summary: edit.summary, at: WallClock.now())
                // What replaces everything comes before the run, or it would take that along.
                let restores = edit.writes.filter(\.isRestore)
                let others = edit.writes.filter { !$0.isRestore }
                try await backend.commit(restores + [.beginRun(run)] + others + [end], under: lease)
            }
            FaultPoint.reach("edit-committed")
            return .success(edit.told)
        } catch {
            return .failure(error)
        }
    }
}

extension StateWrite {
    fileprivate var isRestore: Bool { if case .restore = self { true } else { false } }
}
