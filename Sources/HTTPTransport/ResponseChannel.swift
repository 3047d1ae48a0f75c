internal import DequeModule
internal import Synchronization

/// Carries a streamed answer's body from libcurl's thread to the task that reads it, and holds the server back while that
/// task is slow.
final class ResponseChannel: Sendable {
    typealias Piece = Result<[UInt8]?, HTTPError>

    private struct State {
        var chunks: Deque<[UInt8]> = []
        var bytes = 0
        var isPaused = false
        var end: Result<Void, HTTPError>?
        var reader: CheckedContinuation<Piece, Never>?
        var isLetGo = false
        var resume: (@Sendable () -> Void)?
        var cancel: (@Sendable () -> Void)?

        /// What is there; nil: `reader` waits for it. With it what lets a paused transfer go on.
        mutating func take(
            _ reader: CheckedContinuation<Piece, Never>
        ) -> (Piece?, (@Sendable () -> Void)?) {
            if let chunk = chunks.popFirst() {
                bytes -= chunk.count
                guard isPaused, bytes < ResponseChannel.fullBytes / 2 else { return (.success(chunk), nil) }
                isPaused = false
                return (.success(chunk), resume)
            }
            if let end { return (end.map { nil }, nil) }
            precondition(self.reader == nil, "One task at a time reads a stream.")
            self.reader = reader
            guard isPaused else { return (nil, nil) }
            isPaused = false
            return (nil, resume)
        }
    }

    /// More than this waits in the connection's own buffers, then in the server's.
    private static let fullBytes = 256 * 1024

    private let state = Mutex(State())

    /// `resume` lets the transfer go on after it was paused, `cancel` ends it.
    func connect(resume: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.resume = resume
            state.cancel = cancel
        }
    }

    // MARK: - libcurl's thread

    /// False: there is no room; the same bytes are offered again when the transfer goes on.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Piece, Never>?) in
            if let reader = state.reader {
                state.reader = nil
                return (true, reader)
            }
            guard state.bytes < ResponseChannel.fullBytes else {
                state.isPaused = true
                return (false, nil)
            }
            state.chunks.append(Array(bytes))
            state.bytes += bytes.count
            return (true, nil)
        }
        reader?.resume(returning: .success(Array(bytes)))
        return isTaken
    }

    func finish(_ result: Result<Void, HTTPError>) {
        let reader = state.withLock { state -> CheckedContinuation<Piece, Never>? in
            guard state.end == nil else { return nil }
            state.end = result
            // What these two hold holds this.
            state.resume = nil
            state.cancel = nil
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: result.map { nil })
    }

    // MARK: - The reading task

    /// The next bytes; nil at the end. A cancelled task ends the transfer.
    func next() async -> Piece {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (piece, resume) = state.withLock { $0.take(continuation) }
                if let piece { continuation.resume(returning: piece) }
                resume?()
                if Task.isCancelled { interrupt() }
            }
        } onCancel: {
            interrupt()
        }
    }

    /// Ends the transfer: nobody reads any more.
    func letGo() {
        let cancel = state.withLock { state in
            state.isLetGo = true
            state.chunks = []
            state.bytes = 0
            return state.cancel
        }
        cancel?()
    }

    private func interrupt() {
        let (reader, cancel) = state.withLock { state in
            defer { state.reader = nil }
            return (state.reader, state.cancel)
        }
        cancel?()
        reader?.resume(returning: .failure(HTTPError(.cancelled, "cancelled while reading a stream")))
    }
}
