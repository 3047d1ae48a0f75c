public import PlumbModel
internal import StateBackendAPI

/// `plumb state push`: records what a file says, as one run, so that history keeps what was there before.
///
/// Where nothing is recorded yet, the whole file is put back: lineage, generations, history and runs.
public struct StatePushOperation: Sendable {
    /// What was written.
    public struct Pushed: Sendable {
        /// Whether the state was empty, and has all of the file now.
        public let isRestored: Bool
        public let written: [ResourceAddress]
        /// Rows that the file does not have: forgotten, their resources untouched.
        public let forgotten: [ResourceAddress]
        /// Interrupted changes that the file tells of and that were not taken over.
        public let skippedIntents: [ResourceAddress]
    }

    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    /// - Parameter force: records also a file of another lineage or stack, or one that is older than the state.
    public func run(_ path: String, force: Bool) async throws(Diagnostics) -> Pushed {
        let file = try await StateBackupOperation.read(path)
        try checkSecrets(of: file, path)
        return try await state.storedEditing("state push", holder).perform { (snapshot, run) throws(Diagnostics) in
            guard let current = try await state.storedContents() else {
                if !force { try checkName(file, path) }
                return restoring(file, path)
            }
            if !force { try check(file, path, against: current) }
            try StateMoveOperation.refuseOpenIntents(snapshot)
            return editing(current, to: file, path, run)
        }
    }

    // MARK: - What is written

    private func restoring(_ file: StateContents, _ path: String) -> StateEditing.Edit<Pushed> {
        let addresses = Set(file.resources.map(\.address)).sorted()
        return StateEditing.Edit(
            writes: [.restore(file)], summary: "\(addresses.count) resources from \(path)",
            told: Pushed(isRestored: true, written: addresses, forgotten: [], skippedIntents: []))
    }

    private func editing(
        _ current: StateContents, to file: StateContents, _ path: String, _ run: String
    ) -> StateEditing.Edit<Pushed> {
        let before = Dictionary(
            current.resources.map { (RowKey($0), $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(file.resources.map(RowKey.init))
        let changed = file.resources.filter { record in
            before[RowKey(record)].map { !$0.isSame(as: record) } ?? true
        }
        let gone = current.resources.filter { !after.contains(RowKey($0)) }
        var writes = changed.map { StateWrite.put($0, run: run) }
        writes += gone.map { .remove($0.address, deposedKey: $0.deposedKey, run: run) }
        if Set(file.outputs) != Set(current.outputs) { writes.append(.outputs(file.outputs)) }
        if file.revision != current.revision { writes.append(.applied(revision: file.revision)) }
        return StateEditing.Edit(
            writes: writes, summary: "\(changed.count) written, \(gone.count) forgotten, from \(path)",
            told: Pushed(
                isRestored: false, written: Set(changed.map(\.address)).sorted(),
                forgotten: Set(gone.map(\.address)).sorted(), skippedIntents: file.openIntents.map(\.address)))
    }

    // MARK: - What is refused

    private func check(
        _ file: StateContents, _ path: String, against current: StateContents
    ) throws(Diagnostics) {
        try checkName(file, path)
        if file.lineage != current.lineage {
            throw Diagnostics(
                .error(
                    "State of another lineage",
                    "\(path) was written from another state (lineage \(file.lineage)) than this one (\(current.lineage)): it "
                        + "may speak of other resources. If it is the right one, say `--force`. Nothing was changed."))
        }
        guard file.generation < current.generation else { return }
        throw Diagnostics(
            .error(
                "State file is older",
                "\(path) was written at generation \(file.generation), and the state is at \(current.generation) by now: it "
                    + "would take back what was recorded since. `plumb state diff \(file.generation)` shows that. Pull "
                    + "again and repeat the edit, or say `--force`. Nothing was changed."))
    }

    private func checkName(_ file: StateContents, _ path: String) throws(Diagnostics) {
        guard file.stack != state.stack else { return }
        throw Diagnostics(
            .error(
                "State of another stack",
                "\(path) is the state of the stack \"\(file.stack)\", and this one is \"\(state.stack)\". If that is meant, "
                    + "say `--force`. Nothing was changed."))
    }

    /// What no key at hand opens must not take the place of what one does.
    private func checkSecrets(of file: StateContents, _ path: String) throws(Diagnostics) {
        let tally = state.backend.vault.tally(file)
        if let reason = tally.reason {
            throw Diagnostics(
                .error(
                    "Secrets of the file cannot be read",
                    "\(tally.unreadable) of \(tally.sealed) secrets in \(path): \(reason) Nothing was changed."))
        }
        guard tally.open > 0 else { return }
        throw Diagnostics(
            .error(
                "Secrets of the file are open",
                "\(tally.open) values in \(path) are marked as sensitive and not sealed; in a state they never are. Change "
                    + "secrets by an apply. Nothing was changed."))
    }
}

/// What tells a row from others.
private struct RowKey: Hashable {
    let address: ResourceAddress
    let deposedKey: String?

    init(_ record: ResourceRecord) {
        address = record.address
        deposedKey = record.deposedKey
    }
}

extension ResourceRecord {
    /// The same but for its generation.
    fileprivate func isSame(as other: ResourceRecord) -> Bool {
        var copy = other
        copy.generation = generation
        return copy == self
    }
}
