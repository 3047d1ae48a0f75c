import Foundation
import Synchronization

/// Hands events on to listeners, and keeps the last ones for those who come back.
final class EventHub: Sendable {
    struct Message: Sendable {
        let id: String
        /// Nil: something was lost, and the listener has to look at everything again.
        let event: Event?
    }

    private struct State {
        var next: UInt64 = 1
        /// The number from which on nothing is missing; nil while nobody looks for what libvirt does not tell.
        var completeFrom: UInt64?
        /// The last ones, a ring: number n stands at n modulo its size.
        var kept: [Event] = []
        var listeners: [UInt64: AsyncStream<Message>.Continuation] = [:]
        var nextListener: UInt64 = 0
        var interests = 0
    }

    private static let keptEvents = 4096
    /// What a listener may lag behind.
    private static let longestLag = 1024

    /// Tells the numbers of this run of the gateway from those of another one.
    private let epoch = String(UInt64.random(in: 1 ... .max), radix: 36)
    private let state = Mutex(State())

    /// Somebody listens or is about to, as long as this is held.
    final class Interest: Sendable {
        private let hub: EventHub

        init(in hub: EventHub) {
            self.hub = hub
            hub.state.withLock { $0.interests += 1 }
        }

        deinit { hub.state.withLock { $0.interests -= 1 } }
    }

    var hasInterest: Bool { state.withLock { $0.interests > 0 } }

    var listenerCount: Int { state.withLock { $0.listeners.count } }

    func publish(_ event: Event) { state.withLock { publish(event, &$0) } }

    private func publish(_ event: Event, _ state: inout State) {
        let number = state.next
        state.next += 1
        if state.kept.count < EventHub.keptEvents {
            state.kept.append(event)
        } else {
            state.kept[Int((number - 1) % UInt64(EventHub.keptEvents))] = event
        }
        let message = Message(id: id(number), event: event)
        for (key, listener) in state.listeners {
            // One who does not read fast enough is sent away, and resumes or starts anew.
            if case .dropped = listener.yield(message) {
                listener.finish()
                state.listeners[key] = nil
            }
        }
    }

    // MARK: Being complete

    var isComplete: Bool { state.withLock { $0.completeFrom != nil } }

    /// From now on every change is told.
    func beginWatch() {
        state.withLock { state in
            let number = state.next
            publish(Event(type: .gateway, action: "watching"), &state)
            state.completeFrom = number
        }
    }

    /// Changes that libvirt does not tell are not seen from now on: nobody can resume over that.
    func endWatch() { state.withLock { $0.completeFrom = nil } }

    /// The id that the messages follow, and the messages: all from now on, and before that what came after `last` if that is
    /// still known; otherwise a message without an event.
    func listen(after last: String?) -> (start: String, messages: AsyncStream<Message>) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Message.self, bufferingPolicy: .bufferingOldest(EventHub.longestLag + EventHub.keptEvents))
        let (key, start) = state.withLock { state in
            for message in missed(after: last, state) { continuation.yield(message) }
            let key = state.nextListener
            state.nextListener += 1
            state.listeners[key] = continuation
            return (key, last ?? id(state.next - 1))
        }
        continuation.onTermination = { [self] _ in
            // On another thread than the one that may hold the lock.
            Task { state.withLock { $0.listeners[key] = nil } }
        }
        return (start, stream)
    }

    private func missed(after last: String?, _ state: State) -> [Message] {
        guard let last else { return [] }
        let parts = last.split(separator: "-")
        let oldest = state.next - UInt64(state.kept.count)
        guard parts.count == 2, parts[0] == epoch, let number = UInt64(parts[1]), number < state.next,
            number + 1 >= oldest, let complete = state.completeFrom, number >= complete
        else { return [Message(id: id(state.next - 1), event: nil)] }
        return (number + 1..<state.next).map { number in
            Message(id: id(number), event: state.kept[Int((number - 1) % UInt64(EventHub.keptEvents))])
        }
    }

    private func id(_ number: UInt64) -> String { "\(epoch)-\(number)" }

    func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            return state.listeners
        }
        for listener in listeners.values { listener.finish() }
    }
}
