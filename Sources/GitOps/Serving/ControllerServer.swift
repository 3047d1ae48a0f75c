internal import HTTPServing
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import NIOPosix
public import PlumbModel
public import Reconciling
internal import ServiceLifecycle
public import StateBackendAPI
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Serves a controller's API, its web page, its metrics and the forges' webhooks.
public final class ControllerServer: Sendable {
    /// How long open requests may go on once it is told to end.
    private static let endSeconds = 10.0
    /// Wrong tokens from one address: at once, and then one more in so many seconds.
    private static let failures = (burst: 20, seconds: 3.0)

    private let settings: ServerSettings
    private let tls: RenewableTLS?
    private let limits: RequestGuard.Limits
    private let authenticator: Authenticator
    private let connections = ConnectionCounts()
    private let feed: EventFeed
    private let responder: Responder
    private let logger: Logger
    private let group = Mutex<ServiceGroup?>(nil)
    private let hasListened = Atomic(false)

    /// - Parameters:
    ///   - now: the clock by which tokens expire, in seconds since 1970.
    /// - Throws: what is wrong with the address, the certificate or its key.
    public convenience init(
        _ settings: ServerSettings, plane: any ControlPlane, store: any ControllerStore, logger: Logger,
        now: @escaping @Sendable () -> Double = systemTime
    ) throws(Diagnostics) {
        var limits = RequestGuard.Limits()
        limits.connections = settings.maximumConnections
        try self.init(settings, plane: plane, store: store, logger: logger, limits: limits, now: now)
    }

    /// Seconds since 1970 by the machine's clock.
    @Sendable public static func systemTime() -> Double { Date().timeIntervalSince1970 }

    init(
        _ settings: ServerSettings, plane: any ControlPlane, store: any ControllerStore, logger: Logger,
        limits: RequestGuard.Limits, bodySeconds: Double = 60, now: @escaping @Sendable () -> Double
    ) throws(Diagnostics) {
        try ControllerServer.check(settings)
        tls = try ControllerServer.tls(settings.tls, logger)
        self.settings = settings
        self.limits = limits
        self.logger = logger
        let (authenticator, counts, connections) = (Authenticator(settings), ServerCounts(), connections)
        let feed = EventFeed(store, logger: logger, now: now)
        self.authenticator = authenticator
        self.feed = feed
        let webhooks = WebhookReceiver(
            plane: plane, authenticator: authenticator, memory: DeliveryMemory(store), counts: counts, logger: logger)
        let routes = Routes(
            plane: plane, store: store, feed: feed, webhooks: webhooks, page: Page(PackageResources.page_html),
            measurements: {
                counts.measurements(
                    openConnections: connections.open, refused: connections.refused, timedOut: connections.timedOut,
                    streams: feed.streamCount)
            }, authenticator: authenticator)
        func limit() -> FailureLimit {
            FailureLimit(burst: Self.failures.burst, secondsPerFailure: Self.failures.seconds)
        }
        responder = Responder(
            routes: routes.all, authenticator: authenticator, failures: limit(),
            audit: AuditLog(
                store: store, counts: counts, limit: limit(),
                strangers: FailureLimit(burst: 500, secondsPerFailure: 5), logger: logger), counts: counts,
            logger: logger, bodySeconds: bodySeconds, now: now)
    }

    /// Takes on new tokens, webhook secrets, who may read the metrics, and the certificate as it is now; another address, or
    /// TLS where there was none, needs another server.
    public func update(_ settings: ServerSettings) async {
        authenticator.update(settings)
        guard let files = settings.tls, let tls else { return }
        await tls.use(files: [files.certificate, files.key]) { try ControllerServer.configuration(files) }
    }

    /// Serves until it is told to stop or its task is cancelled; then lets open requests end.
    ///
    /// - Parameter onStart: called with the address, once it listens: `127.0.0.1:8470`, or the path of the socket.
    public func run(onStart: @escaping @Sendable (String) async -> Void = { _ in }) async throws(Diagnostics) {
        if case .unix(let path) = settings.address { try ControllerServer.claim(path) }
        let feed = feed
        var services: [any Service] = [application(onStart), Feeding(feed: feed)]
        if let tls { services.append(Renewing(tls: tls)) }
        var configuration = ServiceGroupConfiguration(services: services, logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(Self.endSeconds)
        let group = ServiceGroup(configuration: configuration)
        self.group.withLock { $0 = group }
        let result: Result<Void, any Error> = await withTaskCancellationHandler {
            // On a task of its own: a cancelled one would cut the open requests off.
            await Task {
                do {
                    return .success(try await group.run())
                } catch {
                    return .failure(error)
                }
            }.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
        // What stood there before, if it is no socket, is not ours to remove.
        if case .unix(let path) = settings.address, hasListened.load(ordering: .relaxed) { unlink(path) }
        if case .failure(let error) = result { throw cannotListen(error) }
        logger.info("the API has ended")
    }

    /// Ends `run` when what is being answered has been answered.
    public func stop() async { await group.withLock { $0 }?.triggerGracefulShutdown() }

    private func application(_ onStart: @escaping @Sendable (String) async -> Void) -> some Service {
        let (limits, connections, logger, settings) = (limits, connections, logger, settings)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestGuard(limits: limits, counts: connections, logger: logger)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16_384, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100))
        let address: BindAddress =
            switch settings.address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        return Application(
            responder: responder, server: builder(configuration),
            configuration: ApplicationConfiguration(address: address, serverName: "plumb-controller", backlog: 1024),
            onServerRunning: { [self] channel in
                hasListened.store(true, ordering: .relaxed)
                var place = settings.address.description
                if case .unix(let path) = settings.address {
                    // Only its owner may open it; tokens are asked for all the same.
                    chmod(path, 0o600)
                } else if let bound = channel.localAddress, let host = bound.ipAddress, let port = bound.port {
                    place = ServerSettings.Address.tcp(host: host, port: port).description
                }
                logger.info("the API is served", metadata: ["address": "\(place)"])
                await onStart(place)
            }, logger: quiet)
    }

    private func builder(_ configuration: HTTP1Channel.Configuration) -> HTTPServerBuilder {
        if let tls { return .http1(configuration: configuration, over: tls) }
        return .http1(configuration: configuration)
    }

    /// The libraries' own chatter is left out unless somebody looks for a fault.
    private var quiet: Logger {
        var quiet = logger
        if quiet.logLevel > .trace { quiet.logLevel = max(quiet.logLevel, .warning) }
        return quiet
    }

    private func cannotListen(_ error: any Error) -> Diagnostics {
        Diagnostics(
            .error(
                "The API cannot be served",
                "The address \(settings.address) cannot be listened on: \(error). Look whether another process has it, and "
                    + "whether this one may use it."))
    }
}

/// Tells the streams of news as long as the server runs, and ends them when it is told to stop.
private struct Feeding: Service {
    let feed: EventFeed

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await feed.run() }
        } onGracefulShutdown: {
            feed.end()
        }
        feed.end()
    }
}

/// Takes on new certificates as long as the server runs.
private struct Renewing: Service {
    let tls: RenewableTLS

    func run() async throws { await cancelWhenGracefulShutdown { await tls.follow() } }
}
