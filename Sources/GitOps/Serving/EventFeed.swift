internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import PlumbModel
internal import StateBackendAPI
internal import StateKeeping
internal import Synchronization

/// Wakes the streams of events when the store has something new. It asks the store only while somebody listens.
final class EventFeed: Sendable {
    /// Streams that may be open at once.
    private static let mostStreams = 256
    /// Seconds without an event after which a stream says that it is still there.
    private static let pulse = 15.0
    private static let pageSize = 200

    private struct State {
        var streams = 0
        var isEnded = false
    }

    private let store: any ControllerStore
    private let logger: Logger
    private let now: @Sendable () -> Double
    private let changes = ChangeCount()
    private let interest = ChangeCount()
    private let state = Mutex(State())

    init(_ store: any ControllerStore, logger: Logger, now: @escaping @Sendable () -> Double) {
        self.store = store
        self.logger = logger
        self.now = now
    }

    var streamCount: Int { state.withLock { $0.streams } }

    private var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Works until it is ended or cancelled.
    func run() async {
        var seen: Int64 = 0
        while !isEnded, !Task.isCancelled {
            let interested = interest.count
            guard streamCount > 0 else {
                _ = await interest.wait(since: interested, seconds: 3_600)
                continue
            }
            do {
                seen = try await store.awaitChange(since: seen, seconds: 5)
                changes.raise()
            } catch {
                logger.warning("events cannot be listened for", metadata: ["reason": "\(error)"])
                _ = await interest.wait(since: interested, seconds: 2)
            }
        }
    }

    /// Ends all streams: their clients would wait for ever.
    func end() {
        state.withLock { $0.isEnded = true }
        changes.raise()
        interest.raise()
    }

    /// Events as they come, each with its number as its id; from the one after `last`, or from now on.
    func stream(after last: Int64?, stack: String?, for caller: Caller) async throws(Problem) -> Answer {
        let start: Int64
        if let last { start = last } else { start = try await newest() }
        let isFull = streamCount >= EventFeed.mostStreams
        if isFull {
            var problem = Problem(
                .serviceUnavailable, "Too many streams", "\(EventFeed.mostStreams) streams of events are open already.")
            problem.headers[.retryAfter] = "10"
            throw problem
        }
        return .stream("text/event-stream") { writer in
            self.state.withLock { $0.streams += 1 }
            self.interest.raise()
            defer { self.state.withLock { $0.streams -= 1 } }
            try await writer.write(ByteBuffer(string: ": plumb controller\nretry: 2000\nid: \(start)\n\n"))
            var last = start
            while !self.isEnded, caller.token.expiresAt.map({ $0 > self.now() }) ?? true {
                let seen = self.changes.count
                let page = try await self.store.entries(
                    of: EventFeed.log, subject: stack, after: last, limit: EventFeed.pageSize)
                let text = page.filter { caller.covers($0.subject) }.map(EventFeed.message).joined()
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
                guard let newest = page.last?.number else {
                    let changed = await self.changes.wait(since: seen, seconds: EventFeed.pulse)
                    if changed == seen { try await writer.write(ByteBuffer(string: ":\n\n")) }
                    try Task.checkCancellation()
                    continue
                }
                last = newest
            }
            try await writer.finish(nil)
        }
    }

    static let log = "events"

    /// An event as the API has it.
    static func value(_ entry: ControllerLogEntry) -> Value {
        [
            "number": .number(.integer(entry.number)), "stack": .string(entry.subject),
            "time": .string(InstantText.iso(entry.time)), "event": content(entry.text),
        ]
    }

    /// What an entry of a log says: JSON, or whatever text it is.
    static func content(_ text: String) -> Value {
        do throws(JSONError) {
            return try Value(json: text)
        } catch {
            return .string(text)
        }
    }

    private static func message(_ entry: ControllerLogEntry) -> String {
        "id: \(entry.number)\ndata: \(value(entry).json)\n\n"
    }

    private func newest() async throws(Problem) -> Int64 {
        do throws(StateBackendError) {
            return try await store.entries(of: EventFeed.log, subject: nil, after: nil, limit: 1).last?.number ?? 0
        } catch {
            throw Problem(.serviceUnavailable, "The events cannot be read", error.message)
        }
    }
}
