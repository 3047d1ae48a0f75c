import GRDB
import StateBackendAPI
import StateKeeping
import Synchronization

/// Runs all writes on one thread; those that wait together share one transaction, and so one fsync.
///
/// Each call stands in a savepoint of its own: a call that fails takes no other with it.
final class GroupCommit: Sendable {
    fileprivate typealias Outcome = Result<Void, StateBackendError>

    fileprivate struct Call: Sendable {
        /// What becomes of the call where there is no file; nil if it is to create one.
        let absent: Outcome?
        let body: @Sendable (Database) throws -> Void
    }

    /// What a call gives, once its body has run.
    private final class Given<Found: Sendable>: Sendable {
        let found = Mutex<Found?>(nil)
    }

    private let file: StateFile
    private let thread: BatchThread<Call, Outcome>
    private let transactions: TransactionCount

    init(_ file: StateFile) {
        self.file = file
        let transactions = TransactionCount()
        self.transactions = transactions
        thread = BatchThread(label: "plumbline.sqlite.writer") { Batch(file, transactions).write($0) }
    }

    /// How many transactions have been committed.
    var transactionCount: Int { transactions.committed.load(ordering: .relaxed) }

    /// Returns once the write is on the disk.
    ///
    /// - Parameter absent: what it gives where there is no file; nil if it is to create one.
    @discardableResult
    func perform<Found: Sendable>(
        absent: Result<Found, StateBackendError>? = nil, _ body: @escaping @Sendable (Database) throws -> Found
    ) async throws(StateBackendError) -> Found {
        let given = Given<Found>()
        let call = Call(absent: absent?.map { _ in () }) { database in
            let found = try body(database)
            given.found.withLock { $0 = found }
        }
        try await thread.perform(call).get()
        if let found = given.found.withLock({ $0 }) { return found }
        guard let absent else { preconditionFailure("a write that was done has given what it found") }
        return try absent.get()
    }

    /// Closes the file after the writes that are already waiting.
    func close() async { await thread.finish { [file] in file.close() } }
}

/// Counts what has been committed.
private final class TransactionCount: Sendable {
    let committed = Atomic(0)
}

/// Writes calls that waited together.
private struct Batch {
    private typealias Call = GroupCommit.Call
    private typealias Outcome = GroupCommit.Outcome

    private let file: StateFile
    private let transactions: TransactionCount

    init(_ file: StateFile, _ transactions: TransactionCount) {
        self.file = file
        self.transactions = transactions
    }

    fileprivate func write(_ batch: [GroupCommit.Call]) -> [GroupCommit.Outcome] {
        do {
            if try !file.exists() {
                let outcomes = batch.compactMap(\.absent)
                if outcomes.count == batch.count { return outcomes }
            }
            return try file.writer().writeWithoutTransaction { transact(batch, in: $0) }
        } catch {
            return batch.map { _ in .failure(file.failure(error)) }
        }
    }

    private func transact(_ batch: [Call], in database: Database) -> [Outcome] {
        do {
            if database.isInsideTransaction { try database.rollback() }
            try database.beginTransaction(.immediate)
        } catch {
            return batch.map { _ in .failure(file.failure(error)) }
        }
        do {
            var outcomes: [Outcome] = []
            for call in batch { outcomes.append(try attempt(call, in: database)) }
            try database.commit()
            transactions.committed.add(1, ordering: .relaxed)
            return outcomes
        } catch {
            let failure = rollBack(database, after: file.failure(error))
            // Alone, some of them may still fit: a full disk is full for the large ones only.
            guard batch.count > 1 else { return [.failure(failure)] }
            return batch.flatMap { transact([$0], in: database) }
        }
    }

    /// Throws only when SQLite has given up the whole transaction.
    private func attempt(_ call: Call, in database: Database) throws -> Outcome {
        try database.cachedStatement(sql: "SAVEPOINT one_call").execute()
        do {
            try call.body(database)
            try database.cachedStatement(sql: "RELEASE SAVEPOINT one_call").execute()
            return .success(())
        } catch {
            guard database.isInsideTransaction else { throw error }
            try database.cachedStatement(sql: "ROLLBACK TRANSACTION TO SAVEPOINT one_call").execute()
            try database.cachedStatement(sql: "RELEASE SAVEPOINT one_call").execute()
            return .failure(file.failure(error))
        }
    }

    private func rollBack(_ database: Database, after failure: StateBackendError) -> StateBackendError {
        guard database.isInsideTransaction else { return failure }
        do {
            try database.rollback()
            return failure
        } catch {
            let second = file.failure(error)
            return StateBackendError(failure.code, "\(failure.message) Undoing the write failed too: \(second.message)")
        }
    }
}
