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
}
