import CLibvirt
import Foundation
import HTTPTypes
import Logging
import NIOPosix
import Synchronization

/// The gateway's one connection to libvirt: opened again whenever it is lost, and used from a bounded number of threads,
/// because libvirt's calls block.
final class LibvirtLink: Sendable {
    /// Calls that may wait for a thread; more are refused, so that a libvirt that hangs does not fill the memory.
    private static let longestQueue = 512

    /// libvirt's connections may be used from any thread.
    private struct State: @unchecked Sendable {
        var connection: OpaquePointer?
        var isStopping = false
    }

    let uri: String
    private let state = Mutex(State())
    private let waiting = Atomic<Int>(0)
    private let calls: NIOThreadPool
    private let transfers: NIOThreadPool
    private let metrics: Metrics
    private let logger: Logger
    private let relay: EventRelay
    private let closed = DispatchSemaphore(value: 0)

    /// `threads` serve calls, and `transferThreads` move the bytes of volumes, which takes long.
    init(uri: String, threads: Int = 16, transferThreads: Int = 8, relay: EventRelay, metrics: Metrics, logger: Logger)
    {
        self.uri = uri
        self.relay = relay
        self.metrics = metrics
        self.logger = logger
        calls = NIOThreadPool(numberOfThreads: threads)
        transfers = NIOThreadPool(numberOfThreads: transferThreads)
    }

    var isConnected: Bool { state.withLock { $0.connection != nil } }

    // MARK: Calling

    /// Which threads a call runs on.
    enum Lane: Sendable { case calls, transfers }

    /// Runs `work` with the connection on a thread of its own.
    func run<Result: Sendable>(
        _ lane: Lane = .calls, _ work: @escaping @Sendable (Connection) throws(Problem) -> Result
    ) async throws(Problem) -> Result {
        guard waiting.add(1, ordering: .relaxed).newValue <= LibvirtLink.longestQueue else {
            waiting.subtract(1, ordering: .relaxed)
            var problem = Problem(
                .serviceUnavailable, "Too much waits for libvirt", detail: "Try again in a second, with less at a time."
            )
            problem.headers[.retryAfter] = "1"
            throw problem
        }
        defer { waiting.subtract(1, ordering: .relaxed) }
        let begin = ContinuousClock.now
        defer { metrics.countCall(begin.duration(to: .now)) }
        do {
            return try await (lane == .calls ? calls : transfers).runIfActive { try self.perform(work) }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(
                .serviceUnavailable, "The gateway is stopping", detail: "Ask the one that is started after it.")
        }
    }

    private func perform<Result>(_ work: (Connection) throws(Problem) -> Result) throws(Problem) -> Result {
        guard let connection = state.withLock({ state in LibvirtLink.held(state.connection) }) else {
            throw Problem.disconnected
        }
        defer { virConnectClose(connection) }
        do {
            return try work(Connection(pointer: connection))
        } catch {
            if error.libvirt != nil, virConnectIsAlive(connection) != 1 { throw Problem.disconnected }
            throw error
        }
    }

    /// One more holder, so that nobody closes it in the middle of a call.
    private static func held(_ connection: OpaquePointer?) -> OpaquePointer? {
        guard let connection, virConnectRef(connection) == 0 else { return nil }
        return connection
    }

    // MARK: Staying connected

    /// Starts the threads of libvirt's event loop and of the connection.
    func start() throws(Problem) {
        // Errors are told to whoever asked; libvirt would print them too.
        virSetErrorFunc(nil) { _, _ in }
        guard virInitialize() == 0, virEventRegisterDefaultImpl() == 0 else {
            throw Problem.libvirt(doing: "starting libvirt's library")
        }
        // The loop must turn even when nothing happens, so that it sees what other threads have added.
        guard virEventAddTimeout(500, { _, _ in }, nil, nil) >= 0 else {
            throw Problem.libvirt(doing: "starting libvirt's event loop")
        }
        calls.start()
        transfers.start()
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopping }) { _ = virEventRunDefaultImpl() }
        }
        Thread.detachNewThread { [self] in stayConnected() }
    }

    func stop() {
        let connection = state.withLock { state in
            state.isStopping = true
            defer { state.connection = nil }
            return state.connection
        }
        closed.signal()
        if let connection { virConnectClose(connection) }
    }

    private func stayConnected() {
        var pause = 0.1
        var hasFailed = false
        while !state.withLock({ $0.isStopping }) {
            guard let connection = virConnectOpen(uri) else {
                let reason = Problem.libvirt(doing: "connecting to \(uri)").detail ?? ""
                if !hasFailed {
                    logger.error("libvirt cannot be reached; trying on", metadata: ["reason": "\(reason)"])
                }
                hasFailed = true
                Thread.sleep(forTimeInterval: pause)
                pause = min(pause * 1.6, 2)
                continue
            }
            (pause, hasFailed) = (0.1, false)
            serve(connection)
        }
    }

    /// False: the gateway is stopping.
    private func publish(_ connection: OpaquePointer) -> Bool {
        let address = UInt(bitPattern: connection)
        return state.withLock { state in
            if !state.isStopping { state.connection = OpaquePointer(bitPattern: address) }
            return !state.isStopping
        }
    }

    /// Until the connection is lost.
    private func serve(_ connection: OpaquePointer) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = virConnectRegisterCloseCallback(
            connection,
            { _, _, data in
                if let data { Unmanaged<LibvirtLink>.fromOpaque(data).takeUnretainedValue().closed.signal() }
            }, me, nil)
        // A libvirtd that hangs is as good as gone after 20 seconds.
        _ = virConnectSetKeepAlive(connection, 5, 3)
        relay.listen(to: connection)
        guard publish(connection) else {
            virConnectClose(connection)
            return
        }
        logger.info("connected to libvirt", metadata: ["uri": "\(uri)"])
        relay.linkChanged(isConnected: true)
        repeat {
            _ = closed.wait(timeout: .now() + 1)
        } while virConnectIsAlive(connection) == 1 && !state.withLock({ $0.isStopping })
        let mine = state.withLock { state in
            defer { state.connection = nil }
            return state.connection
        }
        relay.forget(connection)
        _ = virConnectUnregisterCloseCallback(connection, { _, _, _ in })
        if let mine { virConnectClose(mine) }
        guard !state.withLock({ $0.isStopping }) else { return }
        logger.warning("the connection to libvirt is lost", metadata: ["uri": "\(uri)"])
        relay.linkChanged(isConnected: false)
    }
}
