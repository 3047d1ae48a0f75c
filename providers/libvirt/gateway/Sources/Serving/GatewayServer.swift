import Foundation
import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Listens on the doors of the gateway until it is told to stop.
struct GatewayServer: Sendable {
    /// The door for other machines.
    struct TLS: Sendable {
        let host: String
        let port: Int
        let certificate: RenewableTLS
        let authenticator: Authenticator
    }

    let gateway: Gateway
    let limits: RequestGuard.Limits
    let socket: String
    let tls: TLS?

    func run() async throws {
        let logger = gateway.settings.logger
        raiseFileLimit()
        try claimSocket()
        try gateway.link.start()
        let handlers = gateway.handlers
        // The socket is made with these rights: there is no moment at which others could open it.
        umask(0o177)
        var services: [any Service] = [
            application(.socket, handlers, .http1(configuration: channel()), .unixDomainSocket(path: socket), "socket"),
            Watching(watcher: ChangeWatcher(gateway: gateway)), Ending(gateway: gateway),
        ]
        if let tls {
            services.append(
                application(
                    tls.authenticator, handlers,
                    .http1(configuration: channel(), over: tls.certificate), .hostname(tls.host, port: tls.port), "tls")
            )
            services.append(Renewing(certificate: tls.certificate))
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger)))
        defer { unlink(socket) }
        try await group.run()
        gateway.link.stop()
        logger.info("stopped")
    }

    private func application(
        _ authenticator: Authenticator, _ handlers: [String: Responder.Handler], _ builder: HTTPServerBuilder,
        _ address: BindAddress, _ name: String
    ) -> some Service {
        let logger = gateway.settings.logger
        let responder = Responder(
            contract: gateway.contract, handlers: handlers, authenticator: authenticator, metrics: gateway.metrics,
            logger: logger)
        return Application(
            responder: responder, server: builder,
            configuration: ApplicationConfiguration(
                address: address, serverName: "plumb-libvirt-gateway", backlog: 1024),
            onServerRunning: { channel in
                let place = channel.localAddress.map { $0.pathname ?? "\($0.ipAddress ?? ""):\($0.port ?? 0)" } ?? ""
                logger.info("listening", metadata: ["door": "\(name)", "address": "\(place)"])
            },
            logger: quiet(logger))
    }

    private func channel() -> HTTP1Channel.Configuration {
        let (limits, metrics, logger) = (limits, gateway.metrics, gateway.settings.logger)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestGuard(limits: limits, counts: metrics.connections, logger: logger)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16384, maxHeaderListSize: 32768, maxHeaderFieldCount: 100))
    }

    /// The libraries' own chatter is left out unless somebody looks for a fault.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        if logger.logLevel > .trace { logger.logLevel = max(logger.logLevel, .notice) }
        return logger
    }

    /// What another gateway listens on is left alone; what a dead one has left is replaced.
    private func claimSocket() throws(Problem) {
        let folder = URL(fileURLWithPath: socket).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw Problem(.internalServerError, "The socket cannot be made", detail: "There is no folder \(folder).")
        }
        guard !UnixSocket.answers(socket) else {
            throw Problem(
                .internalServerError, "The socket is in use",
                detail: "Another gateway listens on \(socket). Stop it, or name another one with --socket.")
        }
    }

    /// Each connection takes a file; the limit that shells have is low.
    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(65536))
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    }
}

/// Looks for changes as long as the server runs.
private struct Watching: Service {
    let watcher: ChangeWatcher

    func run() async throws {
        await cancelWhenGracefulShutdown { await watcher.run() }
    }
}

/// Takes on new certificates as long as the server runs, and looks at once when it is told to (SIGHUP).
private struct Renewing: Service {
    let certificate: RenewableTLS

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await certificate.follow() }
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { await certificate.renew() }
                }
            }
        }
    }
}

/// Ends the streams of events when the server is told to stop: their clients would wait for ever.
private struct Ending: Service {
    let gateway: Gateway

    func run() async throws {
        try? await gracefulShutdown()
        gateway.hub.finish()
    }
}
