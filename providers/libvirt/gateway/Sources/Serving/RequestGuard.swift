import HTTPTypes
import Logging
import NIOCore
import NIOHTTPTypes

/// Closes connections that take more than their share: too many at once, heads and bodies that trickle in, answers
/// that nobody reads.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a client may take.
    struct Limits: Sendable {
        var connections = 1024
        /// From the connection, or from the end of the last answer, to the end of the next request's head, the handshake of TLS included.
        var head = TimeAmount.seconds(15)
        /// Between requests.
        var idle = TimeAmount.seconds(75)
        /// For the next piece of a body, while the gateway waits for it.
        var body = TimeAmount.seconds(30)
        /// For taking what the gateway has to send.
        var answer = TimeAmount.seconds(60)
    }

    private let limits: Limits
    private let metrics: Metrics
    private let logger: Logger
    private var isCounted = false
    private var isInBody = false
    private var closesAfterAnswer = false
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?

    init(limits: Limits, metrics: Metrics, logger: Logger) {
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
    }

    func channelActive(context: ChannelHandlerContext) {
        isCounted = true
        let count = metrics.connectionOpened()
        guard count <= limits.connections else {
            if let refused = metrics.countRefusedConnection() {
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

    func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        if isCounted { metrics.connectionClosed() }
        isCounted = false
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reading?.cancel()
        switch unwrapInboundIn(data) {
        case .head: isInBody = true
        case .body: break
        case .end: isInBody = false
        }
        context.fireChannelRead(data)
    }

    /// The gateway wants more; while it does not, a client that waits is not slow.
    func read(context: ChannelHandlerContext) {
        if isInBody {
            reading?.cancel()
            reading = close(context, in: limits.body, because: "the body trickles")
        }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
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

    func channelWritabilityChanged(context: ChannelHandlerContext) {
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
                metrics.countTimeout()
                logger.notice("connection closed", metadata: ["reason": "\(reason)"])
            }
            bound.value.close(promise: nil)
        }
    }
}
