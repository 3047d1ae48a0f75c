import StateBackendAPI

/// Waits until a stack may be free. The server tells whoever listens; nobody asks again and again.
struct LeaseWatch: Sendable {
    /// Notifications of all schemas of a database go through one channel: what they say names the stack.
    private static let channel = "plumbline_leases"

    let keeper: SessionKeeper
    let stack: String
    /// The clock of leases, in seconds since 1970; nil for the database's.
    let now: (@Sendable () -> Double)?

    /// What tells, as part of a transaction, that a stack has become free.
    static func announcement(of stack: String, in schema: String) -> Command {
        Command("SELECT pg_catalog.pg_notify($1, $2)", [.text(channel), .text(name(of: stack, in: schema))])
    }

    /// Blocks, for use on a thread of its own. A connection that is lost meanwhile is made anew.
    func wait(
        until end: ContinuousClock.Instant, _ cancellation: CallCancellation
    ) -> Result<Void, StateBackendError> {
        let result = keeper.perform(cancellation) { (session) throws(ServerFailure) in
            guard try session.isPresent() else { return }
            // Listens before it looks: what happens in between is heard.
            try session.connection.run([Command("LISTEN \(Self.channel)")])
            let reader = StateReader(connection: session.connection)
            guard let left = try reader.secondsOfLease(on: stack, time: now?()) else { return }
            try session.connection.awaitNotification(
                Self.name(of: stack, in: keeper.address.schema), until: min(end, ContinuousClock.now + .seconds(left)))
        }
        // Whoever no longer wants to wait has been served.
        return cancellation.isCancelled ? .success(()) : result
    }

    private static func name(of stack: String, in schema: String) -> String { "\(schema)/\(stack)" }
}
