import StateBackendAPI

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes calls that waited together in one transaction, all of one schema's one after another: so a log's numbers become
/// visible in their order, and nobody who has read up to one misses a smaller one.
///
/// Each call succeeds or fails as if alone. The transaction may be attempted again on another connection: its token,
/// written in it, tells whether it was committed when the answer to the commit was lost.
final class ControllerTransaction {
    private let calls: [ControllerCall]
    private let address: ServerAddress
    private let reached: @Sendable (CommitStep) throws(ServerFailure) -> Void
    private let token = UUID().uuidString
    /// What the calls give if the commit that was sent has happened.
    private var sent: [ControllerCall.Outcome]?
    /// The calls each in a transaction of its own, once the database has refused one of them.
    private var alone: [ControllerTransaction]?

    init(_ calls: [ControllerCall], address: ServerAddress, settings: SessionSettings) {
        self.calls = calls
        self.address = address
        reached = settings.reached
    }

    /// Returns when all is committed; throws when the whole transaction has to be attempted again, or cannot be.
    func attempt(on session: StateSession) throws(ServerFailure) -> [ControllerCall.Outcome] {
        if let alone { return try attempt(alone, on: session) }
        if calls.contains(where: \.creates) {
            try session.create()
        } else if try !session.isPresent() {
            return calls.map { _ in .success(.nothing) }
        }
        try session.rollBack()
        let connection = session.connection
        guard try begin(on: connection) else {
            guard let sent else { preconditionFailure("only this transaction knows its token") }
            try session.rollBack()
            return sent
        }
        let commands = calls.map(\.commands)
        let answer = try connection.answer(commands.flatMap { $0 })
        if let failure = answer.failure {
            guard !failure.isOfConnection, !failure.isConflict else { throw failure }
            try session.rollBack()
            guard calls.count > 1 else { return [.failure(StateBackendError(failure, place: address.name))] }
            let alone = calls.map { ControllerTransaction([$0], address: address, reached: reached) }
            self.alone = alone
            return try attempt(alone, on: session)
        }
        return try commit(commands.map(\.count), answer.rows, on: connection)
    }

    private init(
        _ calls: [ControllerCall], address: ServerAddress,
        reached: @escaping @Sendable (CommitStep) throws(ServerFailure) -> Void
    ) {
        self.calls = calls
        self.address = address
        self.reached = reached
    }

    private func attempt(
        _ alone: [ControllerTransaction], on session: StateSession
    ) throws(ServerFailure) -> [ControllerCall.Outcome] {
        var outcomes: [ControllerCall.Outcome] = []
        for transaction in alone { outcomes += try transaction.attempt(on: session) }
        return outcomes
    }

    /// False if the transaction has been committed already.
    private func begin(on connection: ServerConnection) throws(ServerFailure) -> Bool {
        try connection.run([
            Command("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
            // Others wait for the lock below: whoever stands still with it is sent away.
            Command("SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', '5s', true)"),
            Command(
                "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))",
                [.text("plumbline controller of " + address.schema)]),
            // Waits where the same transaction is still under way on a connection that was lost.
            Command("INSERT INTO commits (token, made_at) VALUES ($1, now()) ON CONFLICT DO NOTHING", [.text(token)]),
        ])[3].affected == 1
    }

    private func commit(
        _ counts: [Int], _ rows: [ResultRows], on connection: ServerConnection
    ) throws(ServerFailure) -> [ControllerCall.Outcome] {
        var outcomes: [ControllerCall.Outcome] = []
        var isChange = false
        var start = 0
        for (call, count) in zip(calls, counts) {
            let read = call.read(rows[start..<start + count])
            outcomes.append(.success(read.found))
            isChange = isChange || read.isChange
            start += count
        }
        try reached(.beforeCommit)
        sent = outcomes
        let announcement = isChange ? [ControllerWatch.announcement(in: address.schema)] : []
        try connection.run(announcement + [.commit])
        try reached(.afterCommit)
        return outcomes
    }
}
