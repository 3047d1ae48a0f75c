import PlumbModel
import StateBackendAPI
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes calls that waited together in one transaction of three round trips: leases and stacks are locked and read,
/// all rows are written, and it is committed.
///
/// Each call succeeds or fails as if alone: one whose writes are refused is left out, and the others are written anew.
/// It may be attempted again on another connection: its token, written in it, tells whether it was committed when the
/// answer to the commit was lost.
final class CommitTransaction {
    private let calls: [StateCall]
    private let retention: Retention
    /// The backend's name, for messages.
    private let place: String
    private let isolation: String
    private let reached: @Sendable (CommitStep) throws(ServerFailure) -> Void
    private let token = UUID().uuidString
    /// By the call's number: those that the database has refused.
    private var refused: [Int: StateBackendError] = [:]
    /// What the calls give if the commit that was sent has happened.
    private var sent: [StateCall.Outcome]?

    init(_ calls: [StateCall], retention: Retention, place: String, settings: SessionSettings) {
        self.calls = calls
        self.retention = retention
        self.place = place
        isolation = settings.isolation
        reached = settings.reached
    }

    /// Returns when all is committed; throws when the whole transaction has to be attempted again, or cannot be.
    func attempt(on session: StateSession) throws(ServerFailure) -> [StateCall.Outcome] {
        if calls.contains(where: \.creates) {
            try session.create()
        } else if try !session.isPresent() {
            return calls.map(\.outcomeOfNothing)
        }
        while true {
            try session.rollBack()
            guard let locked = try lock(session.connection) else {
                guard let sent else { preconditionFailure("only this transaction knows its token") }
                try session.rollBack()
                return sent
            }
            if let outcomes = try write(locked, on: session.connection) { return outcomes }
        }
    }

    // MARK: - Locking

    /// What the database holds of the batch's stacks, for as long as the transaction lasts.
    private struct Locked {
        var leases: [String: LeaseEntry] = [:]
        /// Row and generation, by name.
        var stacks: [String: (id: Int64, generation: Int64)] = [:]
        /// Seconds since 1970, read after the locks were had.
        var now: Double = 0
    }

    /// Nil if the transaction has been committed already.
    ///
    /// Whoever writes a stack has its lease's row locked: so its fence cannot pass on between the look at it and the
    /// commit. Stacks are locked in one order, so that two batches do not wait for each other.
    private func lock(_ connection: ServerConnection) throws(ServerFailure) -> Locked? {
        let names = Set(calls.map(\.stack)).sorted()
        let wanted = Set(calls.filter(\.creates).map(\.stack)).sorted()
        var commands = [
            Command("BEGIN ISOLATION LEVEL \(isolation) READ WRITE"),
            // Waits where the same transaction is still under way on a connection that was lost.
            Command(
                "INSERT INTO commits (token, made_at) VALUES ($1, now()) ON CONFLICT DO NOTHING", [.text(token)]),
        ]
        commands += wanted.map { name in
            Command(
                """
                INSERT INTO leases (stack, fence, holder, acquired_at, expires_at) VALUES ($1, 0, NULL, 0, 0)
                ON CONFLICT DO NOTHING
                """, [.text(name)])
        }
        commands += names.map { name in
            Command(
                "SELECT fence, holder, acquired_at, expires_at FROM leases WHERE stack = $1 FOR UPDATE", [.text(name)])
        }
        commands += names.map { name in
            Command("SELECT id, generation FROM stacks WHERE name = $1", [.text(name)])
        }
        commands.append(Command("SELECT extract(epoch FROM clock_timestamp())::double precision"))
        let rows = try connection.run(commands)
        guard rows[1].affected == 1 else { return nil }
        var locked = Locked()
        let found = rows.dropFirst(2 + wanted.count)
        for (name, row) in zip(names, found) where row.count > 0 {
            locked.leases[name] = LeaseEntry(
                stack: name, fence: row.integer(0, 0), holder: row.optionalText(0, 1), acquiredAt: row.double(0, 2),
                expiresAt: row.double(0, 3))
        }
        for (name, row) in zip(names, found.dropFirst(names.count)) where row.count > 0 {
            locked.stacks[name] = (row.integer(0, 0), row.integer(0, 1))
        }
        locked.now = rows[rows.count - 1].double(0, 0)
        return locked
    }

    // MARK: - Writing

    /// Nil if a call was refused: without it, the others are to be attempted again.
    private func write(
        _ locked: Locked, on connection: ServerConnection
    ) throws(ServerFailure) -> [StateCall.Outcome]? {
        var locked = locked
        let leasesBefore = locked.leases
        var outcomes: [StateCall.Outcome] = []
        var commands: [(call: Int, command: StateCommand)] = []
        for (number, call) in calls.enumerated() {
            if let error = refused[number] {
                outcomes.append(.failure(error))
                continue
            }
            do throws(ServerFailure) {
                let (lease, writes) = try begin(call, &locked, connection)
                outcomes.append(.success(lease))
                commands += writes.map { (number, $0) }
            } catch {
                // What a lease forbids is told; anything else is about the whole transaction.
                guard case .state(let reason) = error else { throw error }
                outcomes.append(.failure(reason))
            }
        }
        let answer = try connection.answer(commands.map(\.command.command))
        if let failure = answer.failure {
            // Calls before it may pass, those after it may owe their failure to it.
            guard !failure.isOfConnection, !failure.isConflict else { throw failure }
            refused[commands[answer.rows.count].call] = StateBackendError(failure, place: place)
            return nil
        }
        try commit(commands, answer.rows, locked, leasesBefore, outcomes, on: connection)
        return outcomes
    }

    /// Takes a call to what it writes; throws `.state` where its lease does not allow it.
    private func begin(
        _ call: StateCall, _ locked: inout Locked, _ connection: ServerConnection
    ) throws(ServerFailure) -> (Lease?, [StateCommand]) {
        let now = call.time ?? locked.now
        var entry = locked.leases[call.stack]
        defer { locked.leases[call.stack] = entry }
        switch call.action {
        case .acquire(let holder, let seconds):
            var taken = entry ?? LeaseEntry(stack: call.stack)
            let lease = try refusing { () throws(StateBackendError) in
                try taken.acquire(holder: holder, now: now, seconds: seconds)
            }
            entry = taken
            return (lease, [])
        case .renew(let lease, let seconds):
            guard var renewed = entry else { throw .state(LeaseEntry.unknown(lease)) }
            let longer = try refusing { () throws(StateBackendError) in
                try renewed.renew(lease, until: now + seconds)
            }
            entry = renewed
            return (longer, [])
        case .release(let lease):
            entry?.release(lease)
            return (nil, [])
        case .breakLease:
            entry?.breakOff()
            return (nil, [])
        case .commit(let writes, let lease):
            guard let entry else { throw .state(LeaseEntry.unknown(lease)) }
            try refusing { () throws(StateBackendError) in try entry.requireNewest(lease) }
            let stack: (id: Int64, generation: Int64)
            if let known = locked.stacks[call.stack] {
                stack = known
            } else {
                stack = try create(call.stack, connection)
            }
            var writer = StateWriter(
                lease: lease, now: now, retention: retention, stack: stack.id, generation: stack.generation)
            for write in writes { writer.write(write) }
            locked.stacks[call.stack] = (stack.id, writer.generation)
            return (nil, writer.commands)
        }
    }

    private func refusing<Found>(_ body: () throws(StateBackendError) -> Found) throws(ServerFailure) -> Found {
        do throws(StateBackendError) {
            return try body()
        } catch {
            throw .state(error)
        }
    }

    private func create(
        _ name: String, _ connection: ServerConnection
    ) throws(ServerFailure) -> (id: Int64, generation: Int64) {
        let made = try connection.run([
            Command(
                "INSERT INTO stacks (name, lineage, generation) VALUES ($1, $2, 0) RETURNING id",
                [.text(name), .text(UUID().uuidString.lowercased())])
        ])
        return (made[0].integer(0, 0), 0)
    }

    private func commit(
        _ commands: [(call: Int, command: StateCommand)], _ rows: [ResultRows], _ locked: Locked,
        _ leasesBefore: [String: LeaseEntry], _ outcomes: [StateCall.Outcome], on connection: ServerConnection
    ) throws(ServerFailure) {
        // Numbers that were put aside for rows that were not there are passed over.
        var generations: [String: Int64] = [:]
        for ((call, command), rows) in zip(commands, rows) where rows.affected > 0 {
            // They rise from command to command, but for what is restored: the last one counts.
            if let generation = command.generation { generations[calls[call].stack] = generation }
        }
        var last = generations.sorted { $0.key < $1.key }.map { name, generation in
            Command("UPDATE stacks SET generation = $2 WHERE name = $1", [.text(name), .integer(generation)])
        }
        for entry in locked.leases.values.sorted(by: { $0.stack < $1.stack })
        where entry != leasesBefore[entry.stack] {
            last.append(
                Command(
                    "UPDATE leases SET fence = $2, holder = $3, acquired_at = $4, expires_at = $5 WHERE stack = $1",
                    [
                        .text(entry.stack), .integer(entry.fence), .optionalText(entry.holder),
                        .double(entry.acquiredAt), .double(entry.expiresAt),
                    ]))
        }
        try reached(.beforeCommit)
        sent = outcomes
        try connection.run(last + [.commit])
        try reached(.afterCommit)
    }
}
