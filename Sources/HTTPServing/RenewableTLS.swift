public import HummingbirdCore
public import Logging
internal import NIOCore
internal import NIOPosix
public import NIOSSL
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A certificate whose files may change while a server runs: new connections get what was read last, open ones go on.
public final class RenewableTLS: Sendable {
    /// Makes the configuration from the files as they are now.
    public typealias Reading = @Sendable () throws -> TLSConfiguration

    /// Seconds between two looks at the files.
    private static let interval = 5.0

    private struct Standing {
        var context: NIOSSLContext
        /// Of what was read last, well or not.
        var stamps: [FileStamp?]
        var files: [String]
        var read: Reading
    }

    private let standing: Mutex<Standing>
    private let logger: Logger

    /// - Parameters:
    ///   - files: the paths that `read` reads.
    /// - Throws: what `read` throws, or that certificate and key do not belong together.
    public init(files: [String], logger: Logger, read: @escaping Reading) throws {
        // First the stamps: what changes while it is read is read once more.
        let stamps = files.map(FileStamp.init(path:))
        let context = try NIOSSLContext(configuration: try read())
        standing = Mutex(Standing(context: context, stamps: stamps, files: files, read: read))
        self.logger = logger
    }

    /// What new connections get.
    var context: NIOSSLContext { standing.withLock { $0.context } }

    /// Reads other files from now on. Where they cannot be used, what was there before stays, and the log says why.
    public func use(files: [String], read: @escaping Reading) async {
        standing.withLock { standing in
            standing.files = files
            standing.read = read
        }
        await renew()
    }

    /// Reads the files anew. Where they cannot be used, what was there before stays, and the log says why.
    public func renew() async {
        do {
            try await NIOThreadPool.singleton.runIfActive { self.read() }
        } catch {
            logger.error("certificate could not be looked at", metadata: ["reason": "\(error)"])
        }
    }

    /// Blocks.
    private func read() {
        let (files, read) = standing.withLock { ($0.files, $0.read) }
        let stamps = files.map(FileStamp.init(path:))
        do {
            let context = try NIOSSLContext(configuration: try read())
            standing.withLock { standing in
                standing.context = context
                standing.stamps = stamps
            }
            logger.notice("certificate is read anew", metadata: ["files": "\(files.joined(separator: ", "))"])
        } catch {
            standing.withLock { $0.stamps = stamps }
            logger.error(
                "new certificate cannot be used, the old one goes on",
                metadata: ["files": "\(files.joined(separator: ", "))", "reason": "\(error)"])
        }
    }

    /// Reads the files anew whenever one of them is another, until its task is cancelled. Files that are being replaced are
    /// read once they have stayed the same between two looks.
    public func follow() async {
        var last: [FileStamp?] = []
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(Self.interval)) } catch { return }
            let (files, known) = standing.withLock { ($0.files, $0.stamps) }
            let now = files.map(FileStamp.init(path:))
            if now != known, now == last { await renew() }
            last = now
        }
    }
}

/// What tells one content of a file from another without reading it.
private struct FileStamp: Equatable {
    private let node: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil where there is no file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        node = UInt(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 over TLS.
    public static func http1(
        configuration: HTTP1Channel.Configuration, over tls: RenewableTLS
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            TLSChannel(base: HTTP1Channel(responder: responder, configuration: configuration), tls: tls)
        }
    }
}

/// Puts TLS before what a connection speaks.
private struct TLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let tls: RenewableTLS

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
