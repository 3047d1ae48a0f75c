internal import HTTPTypes
public import Logging
public import NIOCore
public import NIOHTTPTypes

/// Closes connections that take more than their share: too many at once, heads and bodies that trickle in, answers
/// that nobody reads.
public final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = HTTPRequestPart
    public typealias OutboundIn = HTTPResponsePart
    public typealias OutboundOut = HTTPResponsePart

    /// How long a client may take.
    public struct Limits: Sendable {
        public var connections = 1024
        /// From the connection, or from the end of the last answer, to the end of the next request's head, the handshake of TLS included.
        public var head = TimeAmount.seconds(15)
        /// Between requests.
        public var idle = TimeAmount.seconds(75)
        /// For the next piece of a body, while the server waits for it.
        public var body = TimeAmount.seconds(30)
        /// For taking what the server has to send.
        public var answer = TimeAmount.seconds(60)

        public init() {}
    }

    private let limits: Limits
    private let counts: ConnectionCounts
    private let logger: Logger
    private var isCounted = false
    private var isInBody = false
    private var closesAfterAnswer = false
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?

    public init(limits: Limits, counts: ConnectionCounts, logger: Logger) {
        self.limits = limits
        self.counts = counts
        self.logger = logger
    }

    public func channelActive(context: ChannelHandlerContext) {
        isCounted = true
        let count = counts.opened()
        guard count <= limits.connections else {
            if let refused = counts.countRefused() {
                logger.warning(
                    "connection refused", metadata: ["connections": "\(refused)", "limit": "\(limits.connections)"])
            }
            let head = HTTPResponse(
                status: .serviceUnavailable, headerFields: [.connection: "close", .retryAfter: "1"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            context.close(promise: nil)
            return
        }
        expectHead(context, limits.head)
        context.fireChannelActive()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        if isCounted { counts.closed() }
        isCounted = false
        context.fireChannelInactive()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reading?.cancel()
        switch unwrapInboundIn(data) {
        case .head: isInBody = true
        case .body: break
        case .end: isInBody = false
        }
        context.fireChannelRead(data)
    }

    /// The server wants more; while it does not, a client that waits is not slow.
    public func read(context: ChannelHandlerContext) {
        if isInBody {
            reading?.cancel()
            reading = close(context, in: limits.body, because: "the body trickles")
        }
        context.read()
    }

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closesAfterAnswer = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            if closesAfterAnswer {
                context.flush()
                // Whoever is still sending gets the time to read the answer.
                reading?.cancel()
                reading = close(context, in: .milliseconds(500), because: nil)
            } else if !isInBody {
                expectHead(context, limits.idle)
            }
        }
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing =
            context.channel.isWritable ? nil : close(context, in: limits.answer, because: "nobody reads the answer")
        context.fireChannelWritabilityChanged()
    }

    private func expectHead(_ context: ChannelHandlerContext, _ time: TimeAmount) {
        reading?.cancel()
        reading = close(context, in: time, because: "no request came")
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount, because reason: String?) -> Scheduled<
        Void
    > {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            if let reason {
                counts.countTimeout()
                logger.notice("connection closed", metadata: ["reason": "\(reason)"])
            }
            bound.value.close(promise: nil)
        }
    }
}
