import Dispatch
import StateBackendAPI
import StateKeeping
import Synchronization

/// Hears of changes to a controller's notes, on a connection and a thread of its own, from the first wait on.
final class ControllerWatch: Sendable {
    private static let channel = "plumbline_controller"
    /// Seconds after which it says that something may have changed though nothing was heard.
    private static let longestSilence = 60.0

    private struct Listening {
        var isRunning = false
        var isClosed = false
        /// Why it no longer listens.
        var failure: StateBackendError?
    }

    private let keeper: SessionKeeper
    private let changes = ChangeCount()
    private let cancellation = CallCancellation()
    private let listening = Mutex(Listening())
    private let thread = DispatchQueue(label: "plumbline.postgresql.controller-listener")

    init(_ address: ServerAddress, _ settings: SessionSettings) { keeper = SessionKeeper(address, settings) }

    /// What tells, as part of a transaction, that something was changed.
    static func announcement(in schema: String) -> Command {
        Command("SELECT pg_catalog.pg_notify($1, $2)", [.text(channel), .text(schema)])
    }

    func wait(since count: Int64, seconds: Double) async throws(StateBackendError) -> Int64 {
        try start()
        let found = await changes.wait(since: count, seconds: seconds)
        if let failure = listening.withLock({ $0.failure }) { throw failure }
        return found
    }

    func close() async {
        listening.withLock { $0.isClosed = true }
        cancellation.cancel()
        await keeper.close(on: thread)
        changes.raise()
    }

    private func start() throws(StateBackendError) {
        let isClosed = listening.withLock { listening in
            if listening.isClosed { return true }
            guard !listening.isRunning else { return false }
            listening.isRunning = true
            listening.failure = nil
            thread.async { self.listen() }
            return false
        }
        if isClosed {
            throw StateBackendError(
                .unavailable, "The state \(keeper.address.name) has been closed: this is a defect in Plumbline.")
        }
    }

    /// Listens until it is closed, or until the server is away for too long.
    private func listen() {
        while true {
            var hasListened = false
            let result = keeper.perform(cancellation) { (session) throws(ServerFailure) in
                try session.connection.run([Command("LISTEN \(Self.channel)")])
                hasListened = true
                while true {
                    // At first too: what has happened before it listened, it has not heard.
                    changes.raise()
                    try session.connection.awaitNotification(
                        keeper.address.schema, until: .now + .seconds(Self.longestSilence))
                }
            }
            if cancellation.isCancelled { return }
            guard case .failure(let failure) = result, !hasListened else { continue }
            listening.withLock { listening in
                listening.isRunning = false
                listening.failure = failure
            }
            changes.raise()
            return
        }
    }
}
