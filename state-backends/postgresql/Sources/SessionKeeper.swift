import StateBackendAPI
import Synchronization

/// Keeps one connection for a thread's calls: makes it when it is needed, and anew when it is lost.
final class SessionKeeper: Sendable {
    private struct Kept {
        var session: StateSession?
        /// The server has let us in before: if it is away now, it may be on its way back.
        var hasConnected = false
        var isClosed = false
    }

    let address: ServerAddress
    let settings: SessionSettings
    private let kept = Mutex(Kept())

    init(_ address: ServerAddress, _ settings: SessionSettings) {
        self.address = address
        self.settings = settings
    }

    /// Does something on the connection; once more on another one when it was lost or met another transaction.
    ///
    /// The body must be such that doing it again is no harm. Blocks, for use on a thread of its own.
    func perform<Found: Sendable>(
        _ cancellation: CallCancellation = CallCancellation(),
        _ body: (StateSession) throws(ServerFailure) -> Found
    ) -> Result<Found, StateBackendError> {
        kept.withLock { kept in
            var patience = Patience(settings)
            while true {
                do throws(ServerFailure) {
                    let session = try session(&kept, cancellation)
                    try session.rollBack()
                    return .success(try body(session))
                } catch {
                    if error.isOfConnection || error.isCancellation { kept.session = nil }
                    let mayTryAgain = kept.hasConnected || error.isServerNotReady
                    guard mayTryAgain, patience.allows(anotherTryAfter: error, cancellation) else {
                        return .failure(StateBackendError(error, place: address.name))
                    }
                }
            }
        }
    }

    /// Calls made later are refused.
    func close() {
        kept.withLock { kept in
            kept.session = nil
            kept.isClosed = true
        }
    }

    private func session(
        _ kept: inout Kept, _ cancellation: CallCancellation
    ) throws(ServerFailure) -> StateSession {
        if kept.isClosed {
            throw .state(
                StateBackendError(
                    .unavailable, "The state \(address.name) has been closed: this is a defect in Plumbline."))
        }
        if let session = kept.session {
            session.connection.cancellation = cancellation
            return session
        }
        let session = try StateSession(address, settings, cancellation)
        kept.session = session
        kept.hasConnected = true
        return session
    }
}

/// How long and how often a call is tried again.
private struct Patience {
    private let settings: SessionSettings
    private var end: ContinuousClock.Instant?
    private var conflicts = 0
    private var pause = 0.05

    init(_ settings: SessionSettings) { self.settings = settings }

    /// Waits a little if there is to be another try.
    mutating func allows(anotherTryAfter failure: ServerFailure, _ cancellation: CallCancellation) -> Bool {
        if failure.isConflict {
            conflicts += 1
            guard conflicts <= settings.conflictLimit else { return false }
            // The two that met must not meet again.
            BlockingPause.wait(seconds: .random(in: 0.001...0.02) * Double(conflicts))
            return !cancellation.isCancelled
        }
        guard failure.isOfConnection else { return false }
        let end = end ?? ContinuousClock.now + .seconds(settings.patienceSeconds)
        self.end = end
        guard ContinuousClock.now < end else { return false }
        BlockingPause.wait(seconds: pause)
        pause = min(pause * 1.5, 0.5)
        return !cancellation.isCancelled
    }
}
