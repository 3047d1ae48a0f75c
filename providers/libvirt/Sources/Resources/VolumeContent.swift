import Dispatch
import HTTPTransport
import PlumbModel
import ProviderAPI

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An image that becomes a volume's content: where it comes from, and what its first bytes say.
struct VolumeContent: Sendable {
    private enum Source: Sendable {
        case file(String)
        case url(String)
    }

    private let source: Source
    /// In bytes; nil where the server does not say.
    private let length: Int?
    private let sha256: String?
    /// `qcow2`, or `raw` for everything else.
    let format: String
    /// How large the disk in it is.
    let capacity: Int

    /// As much as tells what kind of image it is.
    private static let headLength = 32

    static func check(_ content: Value) throws(ProviderError) {
        let sources = [content.text("file"), content.text("url")].compactMap(\.self)
        guard sources.count == 1 else {
            throw ProviderError(.invalid, "`content` has either `file` or `url`: where the image comes from.")
        }
        if let url = content.text("url"), !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            throw ProviderError(
                .invalid, "`content.url` is \"\(url)\". Write an address that begins with https:// or http://.")
        }
        if let digest = content.text("sha256"), digest.utf8.count != 64 || !digest.allSatisfy(\.isHexDigit) {
            throw ProviderError(.invalid, "`content.sha256` is \"\(digest)\", and has to be 64 hexadecimal digits.")
        }
    }

    static func open(
        _ content: Value, workingDirectory: String, _ gateway: GatewayClient
    ) async throws(ProviderError) -> VolumeContent {
        try check(content)
        let digest = content.text("sha256")?.lowercased()
        if let file = content.text("file") {
            let path = file.hasPrefix("/") ? file : "\(workingDirectory)/\(file)"
            let (head, length) = try await BlockingCall.run { () throws(ProviderError) in try beginning(of: path) }
            return try VolumeContent(source: .file(path), length: length, sha256: digest, head: head)
        }
        let url = content.text("url") ?? ""
        do {
            let stream = try await gateway.open(url)
            guard stream.status == 200 else {
                throw ProviderError(
                    .invalid, "GET \(url): the server answered \(stream.status), and not with an image.")
            }
            var head: [UInt8] = []
            for try await chunk in stream.body {
                head += chunk
                if head.count >= headLength { break }
            }
            let length = stream.headers["Content-Length"].flatMap { Int($0) }
            return try VolumeContent(
                source: .url(url), length: length, sha256: digest, head: Array(head.prefix(headLength)))
        } catch let error as ProviderError {
            throw error
        } catch let error as HTTPError {
            throw ProviderError(error, changes: false, gateway.settings)
        } catch {
            throw ProviderError(.unexpected, "GET \(url): \(error)")
        }
    }

    private init(source: Source, length: Int?, sha256: String?, head: [UInt8]) throws(ProviderError) {
        (self.source, self.length, self.sha256) = (source, length, sha256)
        let isImage = head.count == Self.headLength && head[..<4].elementsEqual([0x51, 0x46, 0x49, 0xFB])
        format = isImage ? "qcow2" : "raw"
        if isImage {
            let size = head[24..<32].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let size = Int(exactly: size), size > 0 else {
                throw ProviderError(.invalid, "The image's header is damaged: it says that its disk has \(size) bytes.")
            }
            capacity = size
        } else if let length, length > 0 {
            capacity = length
        } else {
            throw ProviderError(
                .invalid,
                length == 0
                    ? "The content is empty. Leave `content` out for an empty volume."
                    : "The server does not say how long the raw image is. Download it, and give it as `file`.")
        }
    }

    private static func beginning(of path: String) throws(ProviderError) -> (head: [UInt8], length: Int) {
        let descriptor = openForReading(path)
        guard descriptor >= 0 else {
            throw ProviderError(.invalid, "`content.file` \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ProviderError(.invalid, "`content.file` \(path) is no regular file.")
        }
        var head = [UInt8](repeating: 0, count: headLength)
        let count = read(descriptor, &head, headLength)
        guard count >= 0 else {
            throw ProviderError(.invalid, "`content.file` \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        return (Array(head.prefix(count)), Int(status.st_size))
    }

    /// Refuses a volume that would not be what its content is.
    func check(format wanted: String, capacity wantedCapacity: Int?) throws(ProviderError) {
        guard format == wanted else {
            throw ProviderError(
                .invalid,
                "The content is a \(format) image, and the volume is to be \(wanted). Say `format: \(format)`.")
        }
        if let wantedCapacity, wantedCapacity < capacity {
            throw ProviderError(
                .invalid, "The content needs \(Size.text(capacity)), and `capacity` is \(Size.text(wantedCapacity)).")
        }
    }

    /// - Returns: SHA-256 of what was written, in hexadecimal.
    func write(to id: VolumeID, _ gateway: GatewayClient) async throws(ProviderError) -> String {
        ProviderProgress.report("writing \(length.map { "\(($0 >> 20) + 1) MiB" } ?? "the content")")
        let stream: RequestBodyStream
        switch source {
        case .file(let path): stream = .file(path, length: length)
        case .url(let url):
            stream = RequestBodyStream(length: length) {
                let response = try await gateway.open(url)
                guard response.status == 200 else {
                    throw HTTPError(.unreadable, "GET \(url): the server answered \(response.status)")
                }
                return response.body
            }
        }
        let answer = try await gateway.get(.init(method: "PUT", path: id.path("volumes") + "/content", stream: stream))
        guard let written = answer.body.text("sha256") else {
            throw ProviderError(.unexpected, "\(answer.summary): the gateway does not say what it has written.")
        }
        if let sha256, sha256 != written {
            throw ProviderError(
                .invalid, "The content is not what `content.sha256` says: it has \(written). The volume was not kept.")
        }
        return written
    }
}

/// Outside of a type that has an `open` of its own.
private func openForReading(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

/// Runs what blocks on a thread of its own.
enum BlockingCall {
    static func run<Success: Sendable>(
        _ body: @escaping @Sendable () throws(ProviderError) -> Success
    ) async throws(ProviderError) -> Success {
        let result: Result<Success, ProviderError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(ProviderError) in try body() })
            }
        }
        return try result.get()
    }
}
