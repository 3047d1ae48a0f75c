import HTTPTypes
import HummingbirdCore
import NIOCore

/// Server-sent events: a message for each event, and a comment when nothing has happened for a while.
enum EventStream {
    private static let pulse = Duration.seconds(15)

    /// How long a stream waits for the first look at the host.
    private static let longestStart = Duration.seconds(30)

    /// Begins when all that changes from then on will be told: who opens it first and lists everything then misses nothing.
    /// Where libvirt cannot be reached nothing can be looked at, and nothing is waited for.
    static func answer(
        _ hub: EventHub, after last: String?, kinds: Set<Event.Kind>, isConnected: @escaping @Sendable () -> Bool
    ) -> Answer {
        let interest = EventHub.Interest(in: hub)
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(interest) {} }
            let end = ContinuousClock.now + longestStart
            while !hub.isComplete, isConnected(), ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            let (start, messages) = hub.listen(after: last)
            let beginning = ": plumb-libvirt-gateway\nretry: 500\nid: \(start)\n\n"
            try await writer.write(ByteBuffer(string: beginning))
            for await piece in pieces(messages, kinds) { try await writer.write(ByteBuffer(string: piece)) }
            try await writer.finish(nil)
        }
        return Answer(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    /// The texts of the messages with the pulse between them. Ends with the messages; ending it ends both.
    private static func pieces(_ messages: AsyncStream<EventHub.Message>, _ kinds: Set<Event.Kind>) -> AsyncStream<
        String
    > {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(8192))
        let events = Task {
            for await message in messages {
                if let event = message.event, !kinds.isEmpty, !kinds.contains(event.type) { continue }
                if case .dropped = continuation.yield(text(message)) { break }
            }
            continuation.finish()
        }
        let pulses = Task {
            while (try? await Task.sleep(for: pulse)) != nil { continuation.yield(":\n\n") }
        }
        continuation.onTermination = { _ in
            events.cancel()
            pulses.cancel()
        }
        return stream
    }

    private static func text(_ message: EventHub.Message) -> String {
        guard let event = message.event, let data = try? JSONText.encode(event) else {
            return "id: \(message.id)\nevent: reset\ndata: {}\n\n"
        }
        return "id: \(message.id)\nevent: \(event.type.rawValue)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
    }
}
