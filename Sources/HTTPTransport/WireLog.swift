internal import Glibc
internal import Synchronization

/// Tells what goes over the wire, secrets left out: `PLUMB_LOG=wire`.
public final class WireLog: Sendable {
    private let write: @Sendable (String) -> Void
    private let count = Atomic<Int>(0)

    /// Bodies are shown up to this many bytes.
    private static let shownBytes = 16_384

    public init(_ write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// To standard error if the environment's `PLUMB_LOG` names `wire`; nil otherwise.
    public static func fromEnvironment() -> WireLog? {
        guard let value = getenv("PLUMB_LOG") else { return nil }
        let names = String(cString: value).split(separator: ",")
        guard names.contains("wire") else { return nil }
        return WireLog { text in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                guard written > 0 else { return }
                bytes = bytes.dropFirst(written)
            }
        }
    }

    /// Gives the number by which the answer's lines refer to this request.
    func sent(_ request: HTTPRequest, attempt: Int) -> Int {
        let number = count.add(1, ordering: .relaxed).newValue
        let redaction = request.redaction
        var lines = [request.summary + (attempt > 1 ? " (attempt \(attempt))" : "")]
        lines += request.headers.map { "\($0.name): \(redaction.header($0))" }
        if !request.body.isEmpty { lines.append(WireLog.shown(request.body, redaction)) }
        // A secret could stand across two chunks.
        if let stream = request.bodyStream {
            lines.append("(a body that is made while it is sent\(stream.length.map { ", of \($0) bytes" } ?? ""))")
        }
        write(lines.map { "wire \(number) > \($0)\n" }.joined())
        return number
    }

    func received(
        _ result: Result<HTTPResponse, HTTPError>, to request: HTTPRequest, number: Int, after: Duration, isStream: Bool
    ) {
        let redaction = request.redaction
        let milliseconds = after / .milliseconds(1)
        var lines: [String]
        switch result {
        case .failure(let error): lines = [error.message]
        case .success(let response):
            lines = ["\(response.statusText) after \(milliseconds.rounded()) ms"]
            lines += response.headers.map { "\($0.name): \(redaction.header($0))" }
            if isStream {
                lines.append("(a stream)")
            } else if request.hidesResponseBody, !response.body.isEmpty {
                lines.append("(a body of \(response.body.count) bytes that may hold secrets)")
            } else if !response.body.isEmpty {
                lines.append(WireLog.shown(response.body, redaction))
            }
        }
        write(lines.map { "wire \(number) < \($0)\n" }.joined())
    }

    private static func shown(_ body: [UInt8], _ redaction: Redaction) -> String {
        guard let text = String(validating: body, as: UTF8.self) else { return "(\(body.count) bytes)" }
        let redacted = redaction.body(text)
        guard redacted.utf8.count > shownBytes else { return redacted }
        let shown = String(decoding: redacted.utf8.prefix(shownBytes), as: UTF8.self)
        return shown + "… (\(body.count) bytes in all)"
    }
}
