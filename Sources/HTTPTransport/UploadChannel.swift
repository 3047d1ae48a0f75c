internal import Synchronization

/// Carries a streamed request's body from the task that makes it to libcurl's thread, and holds that task back while the
/// server is slow.
final class UploadChannel: Sendable {
    /// What libcurl's read callback is to do.
    enum Portion {
        case bytes(Int)
        case wait
        case end
        case failed
    }

    private struct State {
        var chunk: [UInt8] = []
        var sent = 0
        var isDone = false
        var failure: String?
        var isPaused = false
        var isClosed = false
        var writer: CheckedContinuation<Void, Never>?
        var feeding: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Why the body could not be made.
    var failure: String? { state.withLock { $0.failure } }

    /// Begins to make the body; `resume` tells the transfer that there is more of it.
    func start(_ stream: RequestBodyStream, resume: @escaping @Sendable () -> Void) {
        let feeding = Task {
            do {
                try await stream.feed { bytes in
                    guard await self.push(bytes, resume) else { throw CancellationError() }
                }
                self.finish(nil, resume)
            } catch {
                self.finish("\(error)", resume)
            }
        }
        let isClosed = state.withLock { state in
            state.feeding = feeding
            return state.isClosed
        }
        if isClosed { feeding.cancel() }
    }

    /// Ends the making: the transfer is over.
    func close() {
        let (writer, feeding) = state.withLock { state in
            state.isClosed = true
            defer { state.writer = nil }
            return (state.writer, state.feeding)
        }
        feeding?.cancel()
        writer?.resume()
    }

    /// Called by libcurl's thread.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Portion {
        let (portion, writer) = state.withLock { state -> (Portion, CheckedContinuation<Void, Never>?) in
            guard state.sent < state.chunk.count else {
                if state.failure != nil { return (.failed, nil) }
                if state.isDone { return (.end, nil) }
                state.isPaused = true
                return (.wait, nil)
            }
            let count = min(buffer.count, state.chunk.count - state.sent)
            state.chunk.withUnsafeBytes {
                buffer.copyMemory(from: .init(rebasing: $0[state.sent..<state.sent + count]))
            }
            state.sent += count
            guard state.sent == state.chunk.count else { return (.bytes(count), nil) }
            state.chunk = []
            state.sent = 0
            defer { state.writer = nil }
            return (.bytes(count), state.writer)
        }
        writer?.resume()
        return portion
    }

    /// Waits until the bytes before these have left; false when nobody takes them any more.
    private func push(_ bytes: [UInt8], _ resume: @Sendable () -> Void) async -> Bool {
        guard !bytes.isEmpty else { return true }
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.isClosed || state.chunk.isEmpty { return true }
                state.writer = continuation
                return false
            }
            if mayGoOn { continuation.resume() }
        }
        let (isClosed, wasPaused) = state.withLock { state in
            guard !state.isClosed else { return (true, false) }
            state.chunk = bytes
            defer { state.isPaused = false }
            return (false, state.isPaused)
        }
        if wasPaused { resume() }
        return !isClosed
    }

    private func finish(_ failure: String?, _ resume: @Sendable () -> Void) {
        let wasPaused = state.withLock { state in
            state.isDone = true
            state.failure = failure
            defer { state.isPaused = false }
            return state.isPaused
        }
        if wasPaused { resume() }
    }
}
