/// An answer whose body is read while it comes: a watch, an event stream, a download.
///
/// Bytes that nobody reads stay with the server: it is held back. Letting go of the stream, or cancelling the task that
/// reads it, closes it.
public struct HTTPResponseStream: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    /// How often the request was sent until this answer came.
    public let attempts: Int
    public let isHTTP2: Bool
    /// In the pieces in which it comes; to be read once, by one task.
    public let body: Body

    init(_ response: HTTPResponse, _ channel: ResponseChannel, _ request: HTTPRequest) {
        status = response.status
        headers = response.headers
        attempts = response.attempts
        isHTTP2 = response.isHTTP2
        body = Body(hold: Body.Hold(channel: channel, summary: request.summary))
    }

    /// The whole body, for answers that turn out to be short: an error's text.
    ///
    /// - Throws: `unreadable` where it is longer than `maximumBytes`.
    public func whole(maximumBytes: Int = 1 << 20) async throws(HTTPError) -> HTTPResponse {
        var bytes: [UInt8] = []
        var iterator = body.makeAsyncIterator()
        while let chunk = try await iterator.next() {
            guard bytes.count + chunk.count <= maximumBytes else {
                throw HTTPError(.unreadable, "\(body.summary): the answer is longer than \(maximumBytes) bytes")
            }
            bytes += chunk
        }
        return HTTPResponse(status: status, headers: headers, body: bytes, attempts: attempts)
    }

    /// The body's pieces.
    public struct Body: AsyncSequence, Sendable {
        public typealias Element = [UInt8]
        public typealias Failure = HTTPError

        /// Ends the transfer when the last who could read it has gone.
        final class Hold: Sendable {
            let channel: ResponseChannel
            let summary: String

            init(channel: ResponseChannel, summary: String) {
                self.channel = channel
                self.summary = summary
            }

            deinit { channel.letGo() }
        }

        let hold: Hold

        var summary: String { hold.summary }

        public func makeAsyncIterator() -> Iterator { Iterator(hold: hold) }

        public struct Iterator: AsyncIteratorProtocol {
            let hold: Hold

            public mutating func next() async throws(HTTPError) -> [UInt8]? {
                try await hold.channel.next().get()
            }

            public mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
                try await hold.channel.next().get()
            }
        }

        /// The body's lines, without their ends: what watches and event streams are made of.
        ///
        /// - Parameter maximumBytes: a longer line is refused with `unreadable`.
        public func lines(maximumBytes: Int = 16 << 20) -> Lines { Lines(body: self, maximumBytes: maximumBytes) }
    }

    /// The body's lines, each as soon as it is whole.
    public struct Lines: AsyncSequence, Sendable {
        public typealias Element = [UInt8]
        public typealias Failure = HTTPError

        let body: Body
        let maximumBytes: Int

        public func makeAsyncIterator() -> Iterator {
            Iterator(chunks: body.makeAsyncIterator(), maximumBytes: maximumBytes)
        }

        public struct Iterator: AsyncIteratorProtocol {
            var chunks: Body.Iterator
            let maximumBytes: Int
            private var chunk: ArraySlice<UInt8> = []
            private var begun: [UInt8] = []

            init(chunks: Body.Iterator, maximumBytes: Int) {
                self.chunks = chunks
                self.maximumBytes = maximumBytes
            }

            public mutating func next() async throws(HTTPError) -> [UInt8]? {
                try await next(isolation: nil)
            }

            public mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
                while true {
                    if let end = chunk.firstIndex(of: UInt8(ascii: "\n")) {
                        var line = begun + chunk[..<end]
                        begun = []
                        chunk = chunk[(end + 1)...]
                        if line.last == UInt8(ascii: "\r") { line.removeLast() }
                        return line
                    }
                    begun += chunk
                    guard begun.count <= maximumBytes else {
                        throw HTTPError(
                            .unreadable, "\(chunks.hold.summary): a line is longer than \(maximumBytes) bytes")
                    }
                    guard let more = try await chunks.next(isolation: actor) else {
                        chunk = []
                        defer { begun = [] }
                        return begun.isEmpty ? nil : begun
                    }
                    chunk = more[...]
                }
            }
        }
    }
}
