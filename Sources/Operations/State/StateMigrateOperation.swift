internal import Applying
public import PlumbModel
internal import StateBackendAPI

/// `plumb state migrate`: moves a stack's state to another backend, with its history and its lineage.
///
/// The copy is written in one transaction, read back and compared before what it was made from is marked as moved. Until
/// then the old place is the true one, and the command can be repeated.
public struct StateMigrateOperation: Sendable {
    /// What has gone where.
    public struct Migrated: Sendable {
        public let from: String
        public let to: String
        public let resources: Int
        public let changes: Int
    }

    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    /// - Parameter place: what `state:` of stack.yaml would say, `sqlite:PATH`, or the URL of a database.
    public func run(to place: String) async throws(Diagnostics) -> Migrated {
        let target = try await state.otherBackend(place)
        let result = await migrate(to: target)
        await target.close()
        return try result.get()
    }

    private func migrate(to target: any StateBackend) async -> Result<Migrated, Diagnostics> {
        do throws(Diagnostics) {
            if target.name == state.backend.name {
                throw Diagnostics(.error("Same place", "The state is in \(target.name) already."))
            }
            return .success(
                try await state.storedEditing("state migrate", holder).perform { (_, _) throws(Diagnostics) in
                    let contents = try await state.existingContents()
                    try await copy(contents, to: target)
                    FaultPoint.reach("migrate-copied")
                    try await compare(contents, with: target)
                    let told = Migrated(
                        from: state.backend.name, to: target.name, resources: contents.resources.count,
                        changes: contents.history.count)
                    return StateEditing.Edit(
                        writes: [.markMoved(to: target.name)], summary: "to \(target.name)", told: told)
                })
        } catch {
            return .failure(error)
        }
    }

    private func copy(_ contents: StateContents, to target: any StateBackend) async throws(Diagnostics) {
        let editing = StateEditing(backend: target, stack: state.stack, holder: holder, kind: "state migrate")
        _ = try await editing.perform { (snapshot, _) throws(Diagnostics) in
            if let lineage = snapshot.lineage { try check(lineage, snapshot, against: contents, target) }
            return StateEditing.Edit(
                writes: [.restore(contents)], summary: "from \(state.backend.name)", told: true)
        }
    }

    /// What is there may be an older copy of the same state: one that was moved away, or an interrupted migration.
    private func check(
        _ lineage: String, _ snapshot: StateSnapshot, against contents: StateContents, _ target: any StateBackend
    ) throws(Diagnostics) {
        if lineage != contents.lineage {
            throw Diagnostics(
                .error(
                    "Another state is there",
                    "\(target.name) holds a state of a stack \"\(state.stack)\" of another lineage (\(lineage), not "
                        + "\(contents.lineage)) with \(snapshot.resources.count) resources. Nothing was changed."))
        }
        guard snapshot.movedTo == nil, snapshot.generation > contents.generation else { return }
        throw Diagnostics(
            .error(
                "A newer state is there",
                "\(target.name) holds this very state with the generation \(snapshot.generation); here it is only "
                    + "\(contents.generation). It was migrated and changed there: let `state:` in stack.yaml name it. "
                    + "Nothing was changed."))
    }

    private func compare(_ contents: StateContents, with target: any StateBackend) async throws(Diagnostics) {
        let there = try await translating { () throws(StateBackendError) in
            try await target.contents(of: state.stack)
        }
        if let there, there.comparable == contents.comparable, there.hasRuns(of: contents) { return }
        throw Diagnostics(
            .error(
                "Copy differs",
                "What \(target.name) gives back is not what was written to it. The state is still in "
                    + "\(state.backend.name), which was not changed. This is a defect: please report it."))
    }
}

extension StateContents {
    /// In one order, without what is the place's own.
    fileprivate var comparable: StateContents {
        var result = self
        result.resources.sort { ($0.address, $0.deposedKey ?? "") < ($1.address, $1.deposedKey ?? "") }
        result.outputs.sort { $0.name < $1.name }
        result.runs = []
        result.movedTo = nil
        return result
    }

    /// Whether all runs but the last, the migration's own, are the newest of another state's.
    fileprivate func hasRuns(of other: StateContents) -> Bool {
        let runs = runs.dropLast()
        return Array(runs) == Array(other.runs.suffix(runs.count))
    }
}
