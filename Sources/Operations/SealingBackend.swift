internal import PlumbModel
internal import StateBackendAPI

/// A state backend that never sees a secret: sensitive values are sealed on their way in and opened on their way out.
struct SealingBackend: LeaseRemembering {
    /// What stores; it knows no secret.
    let base: any StateBackend
    let vault: ValueVault
    /// Whether others use it too: then closing it is not this one's business.
    private let isShared: Bool

    init(_ base: any StateBackend, _ vault: ValueVault, isShared: Bool = false) {
        self.base = base
        self.vault = vault
        self.isShared = isShared
    }

    var name: String { base.name }

    func snapshot(of stack: String) async throws(StateBackendError) -> StateSnapshot {
        var snapshot = try await base.snapshot(of: stack)
        if let place = snapshot.movedTo { throw Self.moved(stack, from: base.name, to: place) }
        return try translating { () throws(KeyError) in
            for index in snapshot.resources.indices where snapshot.resources[index].values.containsSensitive {
                snapshot.resources[index].values = try vault.open(snapshot.resources[index].values)
            }
            for (index, output) in snapshot.outputs.enumerated() {
                snapshot.outputs[index] = OutputRecord(name: output.name, value: try vault.open(output.value))
            }
            for (index, intent) in snapshot.openIntents.enumerated() {
                snapshot.openIntents[index] = try intent.mapValues { (value) throws(KeyError) in try vault.open(value) }
            }
            for (index, record) in snapshot.drift.enumerated() {
                snapshot.drift[index] = try record.mapValues { (value) throws(KeyError) in try vault.open(value) }
            }
            return snapshot
        }
    }

    func contents(of stack: String) async throws(StateBackendError) -> StateContents? {
        guard let contents = try await base.contents(of: stack) else { return nil }
        return try translating { () throws(KeyError) in
            try contents.mapValues { (value) throws(KeyError) in try vault.open(value) }
        }
    }

    static func moved(_ stack: String, from name: String, to place: String) -> StateBackendError {
        StateBackendError(
            .moved,
            "The state of the stack \"\(stack)\" is no longer in \(name): it was moved to \(place). Let `state:` in "
                + "stack.yaml say so; what is left here only serves to look back.")
    }

    func commit(_ writes: [StateWrite], under lease: Lease) async throws(StateBackendError) {
        let sealed = try translating { () throws(KeyError) in
            var sealed: [StateWrite] = []
            sealed.reserveCapacity(writes.count)
            for write in writes { sealed.append(try seal(write)) }
            return sealed
        }
        try await base.commit(sealed, under: lease)
    }

    private func seal(_ write: StateWrite) throws(KeyError) -> StateWrite {
        switch write {
        case .openIntent(let intent):
            return .openIntent(try intent.mapValues { (value) throws(KeyError) in try vault.seal(value) })
        case .put(var record, let run):
            record.values = try vault.seal(record.values)
            return .put(record, run: run)
        case .outputs(let outputs):
            var sealed: [OutputRecord] = []
            for output in outputs {
                sealed.append(OutputRecord(name: output.name, value: try vault.seal(output.value)))
            }
            return .outputs(sealed)
        case .drift(let records):
            var sealed: [DriftRecord] = []
            for record in records {
                sealed.append(try record.mapValues { (value) throws(KeyError) in try vault.seal(value) })
            }
            return .drift(sealed)
        case .restore(let contents):
            return .restore(try contents.mapValues { (value) throws(KeyError) in try vault.seal(value) })
        case .beginRun, .finishRun, .conclude, .remove, .move, .holds, .applied, .markMoved: return write
        }
    }

    func history(
        of stack: String, address: ResourceAddress?, limit: Int
    ) async throws(StateBackendError) -> [HistoryEntry] {
        let entries = try await base.history(of: stack, address: address, limit: limit)
        return try translating { () throws(KeyError) in
            var opened: [HistoryEntry] = []
            for entry in entries {
                opened.append(try entry.mapValues { (value) throws(KeyError) in try vault.open(value) })
            }
            return opened
        }
    }

    private func translating<Result>(_ body: () throws(KeyError) -> Result) throws(StateBackendError) -> Result {
        do throws(KeyError) {
            return try body()
        } catch {
            throw StateBackendError(.unavailable, error.message)
        }
    }

    // MARK: - Passed on as they are

    func acquireLease(on stack: String, holder: String, seconds: Double) async throws(StateBackendError) -> Lease {
        try await base.acquireLease(on: stack, holder: holder, seconds: seconds)
    }

    func renew(_ lease: Lease, seconds: Double) async throws(StateBackendError) -> Lease {
        try await base.renew(lease, seconds: seconds)
    }

    func release(_ lease: Lease) async throws(StateBackendError) { try await base.release(lease) }

    func currentLease(on stack: String) async throws(StateBackendError) -> Lease? {
        try await base.currentLease(on: stack)
    }

    func unreturnedLease(on stack: String) async throws(StateBackendError) -> Lease? {
        if let base = base as? any LeaseRemembering { return try await base.unreturnedLease(on: stack) }
        return try await base.currentLease(on: stack)
    }

    func awaitRelease(of stack: String, seconds: Double) async throws(StateBackendError) {
        try await base.awaitRelease(of: stack, seconds: seconds)
    }

    func breakLease(on stack: String) async throws(StateBackendError) { try await base.breakLease(on: stack) }

    func runs(of stack: String, limit: Int) async throws(StateBackendError) -> [RunRecord] {
        try await base.runs(of: stack, limit: limit)
    }

    func close() async { if !isShared { await base.close() } }
}
