import CLibvirt
import Crypto
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Moves the bytes of volumes through libvirt's streams, a piece at a time: memory does not grow with them.
struct VolumeTransfer: Sendable {
    /// What has arrived.
    struct Received: Sendable, Encodable {
        let bytes: Int
        let sha256: String
    }

    private static let pieceLength = 256 * 1024
    /// What a download may hold in memory.
    private static let partLength = 4 << 20

    /// How long a pool is waited for that others are writing to.
    private static let patience = Duration.seconds(5)

    let link: LibvirtLink
    let metrics: Metrics
    private let running = RunningUploads()
    private let downloads = DownloadPlaces()

    init(link: LibvirtLink, metrics: Metrics) {
        self.link = link
        self.metrics = metrics
    }

    /// An open stream of libvirt's; its calls come one after the other.
    private final class Stream: @unchecked Sendable {
        let pointer: OpaquePointer
        private var isOpen = true

        init(_ pointer: OpaquePointer) { self.pointer = pointer }

        func finish(_ what: String) throws(Problem) {
            isOpen = false
            try Connection.check(virStreamFinish(pointer), what)
        }

        deinit {
            if isOpen { virStreamAbort(pointer) }
            virStreamFree(pointer)
        }
    }

    // MARK: Upload

    /// `room`: how much fits where the volume cannot grow by itself. `prepare` is called when the beginning was found to be
    /// good, before anything is written.
    func upload(
        _ body: RequestBody, length: Int?, room: Int? = nil, to reference: VolumeReference,
        prepare: () async throws(Problem) -> Void = {}
    ) async throws(Problem) -> Received {
        var iterator = body.makeAsyncIterator()
        let beginning = try await VolumeTransfer.beginning(&iterator)
        try ImageChain.check(upload: beginning.readableBytesView)
        try await prepare()
        running.begin(reference.pool)
        let received: Received
        do throws(Problem) {
            received = try await write(beginning, &iterator, length: length, room: room, to: reference)
        } catch {
            running.end(reference.pool)
            // Another one may have left the looking to this one. Why it failed matters more than whether that works.
            try? await look(into: reference.pool)
            throw error
        }
        running.end(reference.pool)
        try await look(into: reference.pool)
        return received
    }

    /// What the bytes are, a larger disk perhaps, libvirt learns by looking. It refuses while another volume of the pool is
    /// written; of uploads that overlap, the last one looks for all.
    private func look(into pool: String) async throws(Problem) {
        let end = ContinuousClock.now + VolumeTransfer.patience
        while ContinuousClock.now < end, !running.contains(pool) {
            let hasLooked = try await link.run { (connection) throws(Problem) in
                try PoolKeeper.refresh(try connection.pool(pool))
            }
            if hasLooked { return }
            // Others than this gateway write as long as they like; libvirt looks by itself when they end.
            guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { return }
        }
    }

    /// So much that the header of an image is in it, or all.
    private static func beginning(_ iterator: inout RequestBody.AsyncIterator) async throws(Problem) -> ByteBuffer {
        var beginning = ByteBuffer()
        while beginning.readableBytes < ImageChain.header, var piece = try await next(&iterator) {
            beginning.writeBuffer(&piece)
        }
        return beginning
    }

    private func write(
        _ beginning: ByteBuffer, _ iterator: inout RequestBody.AsyncIterator, length: Int?, room: Int?,
        to reference: VolumeReference
    ) async throws(Problem) -> Received {
        let what = "writing the volume \(reference.volume)"
        let stream = try await link.run(.transfers) { (connection) throws(Problem) in
            let pool = try connection.pool(reference.pool)
            let volume = try connection.volume(reference.volume, in: pool)
            let pointer = try VolumeTransfer.newStream(connection)
            try Connection.check(virStorageVolUpload(volume.pointer, pointer.pointer, 0, UInt64(length ?? 0), 0), what)
            return pointer
        }
        var digest = SHA256()
        var count = 0
        var next: ByteBuffer? = beginning
        while let piece = next {
            digest.update(data: Array(piece.readableBytesView))
            count += piece.readableBytes
            if let room, count > room {
                throw Problem.conflict("More came than the \(room) bytes that the volume has.")
            }
            metrics.countBytes(received: piece.readableBytes)
            try await link.run(.transfers) { (_) throws(Problem) in try VolumeTransfer.send(piece, stream, what) }
            next = try await VolumeTransfer.next(&iterator)
        }
        try await link.run(.transfers) { (_) throws(Problem) in try stream.finish(what) }
        return Received(bytes: count, sha256: Authenticator.hexadecimal(digest.finalize()))
    }

    private static func next(_ iterator: inout RequestBody.AsyncIterator) async throws(Problem) -> ByteBuffer? {
        do {
            return try await iterator.next()
        } catch {
            throw Problem(
                .badRequest, "The upload broke off",
                detail: "The volume holds the part that had arrived; send it again.")
        }
    }

    private static func newStream(_ connection: Connection) throws(Problem) -> Stream {
        guard let pointer = virStreamNew(connection.pointer, 0) else {
            throw Problem.libvirt(doing: "opening a stream")
        }
        return Stream(pointer)
    }

    private static func send(_ piece: ByteBuffer, _ stream: Stream, _ what: String) throws(Problem) {
        let sent: Result<Void, Problem> = piece.withUnsafeReadableBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(pieceLength))
                let count = virStreamSend(
                    stream.pointer, part.baseAddress?.assumingMemoryBound(to: CChar.self), part.count)
                guard count >= 0 else { return .failure(Problem.libvirt(doing: what)) }
                rest = rest.dropFirst(Int(count))
            }
            return .success(())
        }
        try sent.get()
    }

    // MARK: Download

    /// In parts: libvirt's library takes what libvirtd sends whether or not somebody reads it here, and would keep all of a
    /// volume in memory for a client that reads slowly.
    func download(_ reference: VolumeReference) async throws(Problem) -> Answer {
        let place = try downloads.enter()
        let first = try await part(reference, from: 0)
        let body = ResponseBody { [self] writer in
            defer { withExtendedLifetime(place) {} }
            var (stream, offset) = (first, 0)
            while true {
                let count = try await pass(stream, reference, to: &writer)
                guard count == VolumeTransfer.partLength else { break }
                offset += count
                stream = try await part(reference, from: offset)
            }
            try await writer.finish(nil)
        }
        return Answer(status: .ok, headers: [.contentType: "application/octet-stream"], body: body)
    }

    private func part(_ reference: VolumeReference, from offset: Int) async throws(Problem) -> Stream {
        try await link.run(.transfers) { (connection) throws(Problem) in
            let pool = try connection.pool(reference.pool)
            let volume = try connection.volume(reference.volume, in: pool)
            let stream = try VolumeTransfer.newStream(connection)
            try Connection.check(
                virStorageVolDownload(
                    volume.pointer, stream.pointer, UInt64(offset), UInt64(VolumeTransfer.partLength), 0),
                "reading the volume \(reference.volume)")
            return stream
        }
    }

    /// How many bytes it has written: fewer than a part has at the end of the volume.
    private func pass(_ stream: Stream, _ reference: VolumeReference, to writer: inout any ResponseBodyWriter)
        async throws -> Int
    {
        let what = "reading the volume \(reference.volume)"
        var count = 0
        while true {
            let piece = try await link.run(.transfers) { (_) throws(Problem) in
                try VolumeTransfer.receive(stream, what)
            }
            guard piece.readableBytes > 0 else { break }
            count += piece.readableBytes
            metrics.countBytes(sent: piece.readableBytes)
            try await writer.write(piece)
        }
        try await link.run(.transfers) { (_) throws(Problem) in try stream.finish(what) }
        return count
    }

    private static func receive(_ stream: Stream, _ what: String) throws(Problem) -> ByteBuffer {
        var piece = ByteBuffer()
        var failure: Problem?
        piece.writeWithUnsafeMutableBytes(minimumWritableBytes: pieceLength) { buffer in
            let count = virStreamRecv(
                stream.pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), min(buffer.count, pieceLength))
            if count < 0 { failure = Problem.libvirt(doing: what) }
            return max(Int(count), 0)
        }
        if let failure { throw failure }
        return piece
    }

    // MARK: What fits in memory

    /// The whole content of a small volume.
    func bytes(_ reference: VolumeReference, atMost limit: Int) async throws(Problem) -> [UInt8] {
        let what = "reading the volume \(reference.volume)"
        return try await link.run(.transfers) { (connection) throws(Problem) in
            let pool = try connection.pool(reference.pool)
            let volume = try connection.volume(reference.volume, in: pool)
            let stream = try VolumeTransfer.newStream(connection)
            // One more than is allowed: enough to see that it is too long.
            try Connection.check(
                virStorageVolDownload(volume.pointer, stream.pointer, 0, UInt64(limit + 1), 0), what)
            var bytes: [UInt8] = []
            while true {
                let piece = try VolumeTransfer.receive(stream, what)
                guard piece.readableBytes > 0 else { break }
                bytes += piece.readableBytesView
                guard bytes.count <= limit else {
                    throw Problem.conflict(
                        "The volume \(reference.volume) is larger than any image that the gateway makes.")
                }
            }
            try stream.finish(what)
            return bytes
        }
    }

    /// The first bytes of a volume, fewer where it has fewer.
    static func beginning(_ connection: Connection, _ reference: VolumeReference, length: Int) throws(Problem)
        -> [UInt8]
    {
        let what = "reading the volume \(reference.volume)"
        let volume = try connection.volume(reference.volume, in: try connection.pool(reference.pool))
        let stream = try newStream(connection)
        try Connection.check(virStorageVolDownload(volume.pointer, stream.pointer, 0, UInt64(length), 0), what)
        var bytes: [UInt8] = []
        while bytes.count < length {
            let piece = try receive(stream, what)
            guard piece.readableBytes > 0 else { break }
            bytes += piece.readableBytesView
        }
        try stream.finish(what)
        return bytes
    }

    /// Writes all of a small volume.
    func write(_ bytes: [UInt8], to reference: VolumeReference) async throws(Problem) {
        _ = try await upload(RequestBody(buffer: ByteBuffer(bytes: bytes)), length: bytes.count, to: reference)
    }
}
