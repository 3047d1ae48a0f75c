internal import Dispatch
internal import Glibc

/// A request's body that is made while it is sent: an upload, a pipe.
public struct RequestBodyStream: Sendable {
    /// In bytes; nil where it is not known beforehand, so that the body is sent in chunks.
    public let length: Int?
    /// Hands one chunk after the other to its argument, which waits while the server takes them slowly.
    let feed: @Sendable (_ push: ([UInt8]) async throws -> Void) async throws -> Void

    /// `open` is called for each attempt and must begin anew; where it cannot, it throws.
    public init<Chunks: AsyncSequence & SendableMetatype>(
        length: Int? = nil, _ open: @escaping @Sendable () async throws -> Chunks
    ) where Chunks.Element == [UInt8], Chunks.AsyncIterator: SendableMetatype {
        self.length = length
        feed = { push in
            for try await chunk in try await open() { try await push(chunk) }
        }
    }

    /// A file's content, read while it is sent, on a thread that may block. What it holds when the sending begins is sent;
    /// a file that shrinks meanwhile ends the request.
    ///
    /// - Parameter length: of the file in bytes; nil: in chunks, until its end.
    public static func file(_ path: String, length: Int? = nil) -> RequestBodyStream {
        RequestBodyStream(length: length) { try await FileChunks.open(path) }
    }
}

/// Why a file could not be read.
private struct FileFailure: Error, CustomStringConvertible {
    let description: String

    init(_ path: String) {
        description = "\(path): \(String(cString: strerror(errno)).lowercased())"
    }
}

/// A file in pieces, each read when the one before has been taken.
private struct FileChunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    /// Closes the file when the last reader has gone.
    private final class Descriptor: Sendable {
        let number: Int32
        init(_ number: Int32) { self.number = number }
        deinit { close(number) }
    }

    private static let chunkBytes = 256 * 1024

    private let path: String
    private let file: Descriptor

    static func open(_ path: String) async throws -> FileChunks {
        try await blocking {
            let number = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard number >= 0 else { throw FileFailure(path) }
            return FileChunks(path: path, file: Descriptor(number))
        }
    }

    private init(path: String, file: Descriptor) {
        self.path = path
        self.file = file
    }

    func makeAsyncIterator() -> FileChunks { self }

    func next() async throws -> [UInt8]? {
        try await FileChunks.blocking { [path, file] in
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: FileChunks.chunkBytes) { buffer, initialised in
                repeat { count = read(file.number, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
                initialised = count < 0 ? 0 : count
            }
            guard count >= 0 else { throw FileFailure(path) }
            return bytes.isEmpty ? nil : bytes
        }
    }

    private static func blocking<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
