public import PlumbModel
internal import StateBackendAPI

/// `plumb state verify`: looks whether a state is whole. Changes nothing and takes no lease.
public struct StateVerifyOperation: Sendable {
    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    var asking: LeaseHolder { holder }

    func openSession(requiresVariables: Bool) async throws(Diagnostics) -> StackSession {
        try await state.session(requiresVariables: requiresVariables)
    }

    /// - Parameter refresh: whether to ask the providers what has become of each resource.
    public func run(refresh: Bool) async throws(Diagnostics) -> StateVerification {
        var verification = StateVerification()
        try await checkIntegrity(&verification)
        guard let contents = try await state.storedContents() else { return verification }
        verification.resources = contents.resources.count
        verification.changes = contents.history.count
        verification.runs = contents.runs.count
        checkSecrets(contents, &verification)
        checkRows(contents, &verification)
        try await checkIntents(contents, &verification)
        try await checkAgainstSpecs(contents, refresh: refresh, &verification)
        return verification
    }

    private func checkIntegrity(_ verification: inout StateVerification) async throws(Diagnostics) {
        guard let checking = state.backend.base as? any IntegrityChecking else { return }
        let problems = try await translating { () throws(StateBackendError) in
            try await checking.integrityProblems()
        }
        verification.isIntegrityChecked = true
        for problem in problems {
            verification.problems.append(
                .error(
                    "State is damaged",
                    "\(problem) Keep a copy of what is there, and put a backup back with `plumb state push`."))
        }
    }

    private func checkSecrets(_ contents: StateContents, _ verification: inout StateVerification) {
        var total = SealTally()
        func inspect(_ value: Value?, _ what: String, _ address: ResourceAddress?) {
            guard let value else { return }
            var tally = SealTally()
            state.backend.vault.inspect(value, into: &tally)
            total.sealed += tally.sealed
            total.older += tally.older
            if let reason = tally.reason {
                verification.problems.append(
                    .error("Secret cannot be read", "\(what): \(reason)", address: address))
            }
            guard tally.open > 0 else { return }
            verification.problems.append(
                .error(
                    "Secret is not sealed",
                    "\(what) holds \(tally.open) sensitive values in the clear. Run `plumb state rekey`, which seals all of "
                        + "them, and change these secrets.", address: address))
        }
        for record in contents.resources { inspect(record.values, "The row of \(record.address)", record.address) }
        for output in contents.outputs { inspect(output.value, "The output \(output.name)", nil) }
        for intent in contents.openIntents {
            inspect(intent.planned, "The open intent for \(intent.address)", intent.address)
            inspect(intent.prior, "The open intent for \(intent.address)", intent.address)
        }
        for entry in contents.history {
            inspect(entry.before, "The history of \(entry.address), generation \(entry.generation)", entry.address)
            inspect(entry.after, "The history of \(entry.address), generation \(entry.generation)", entry.address)
        }
        verification.secrets = total.sealed
        guard total.older > 0 else { return }
        verification.problems.append(
            .warning(
                "Key rotation is not over",
                "\(total.older) of \(total.sealed) secrets are sealed with an older key. Run `plumb state rekey`."))
    }

    private func checkRows(_ contents: StateContents, _ verification: inout StateVerification) {
        let resources = Set(contents.resources.flatMap { [$0.address, $0.address.resource] })
        for record in contents.resources {
            if let key = record.deposedKey {
                verification.problems.append(
                    .warning(
                        "Deposed instance",
                        "\(record.address) was replaced, and the old instance (\(key)) is yet to be destroyed. The next "
                            + "apply does so.", address: record.address))
            }
            if record.generation > contents.generation {
                verification.problems.append(
                    .error(
                        "Generation is wrong",
                        "The row of \(record.address) has the generation \(record.generation), and the state only "
                            + "\(contents.generation).", address: record.address))
            }
            for dependency in record.dependencies
            where dependency.mode == .managed && !resources.contains(dependency) {
                verification.problems.append(
                    .warning(
                        "Dependency is not recorded",
                        "\(record.address) depends on \(dependency), of which the state has no row. It only matters for the "
                            + "order of destruction; the next apply of \(record.address) puts it right.",
                        address: record.address))
            }
        }
    }

    private func checkIntents(
        _ contents: StateContents, _ verification: inout StateVerification
    ) async throws(Diagnostics) {
        let lease = try await translating { () throws(StateBackendError) in
            try await state.backend.livingLease(on: state.stack, seenFrom: holder)
        }
        if let lease, !(LeaseHolder(parsing: lease.holder)?.isDead(seenFrom: holder) ?? false) {
            verification.problems.append(
                .warning(
                    "Stack is being changed", "\(lease.holder) holds the stack: what is open may be done in a moment."))
            return
        }
        verification.openIntents = contents.openIntents
        for intent in contents.openIntents {
            verification.problems.append(
                .warning(
                    "An interrupted change is open",
                    "The run \(intent.run) was stopped in the middle of the \(intent.action.rawValue) of \(intent.address). "
                        + "The next plan asks its provider what became of it, and the apply records that.",
                    address: intent.address))
        }
    }
}
