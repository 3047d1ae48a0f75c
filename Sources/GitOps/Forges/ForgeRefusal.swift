internal import HTTPTransport
internal import PlumbModel

/// Reads what a forge says when it does not do what it was asked.
struct ForgeRefusal {
    private let kind: ForgeKind
    private let response: HTTPResponse
    private let words: String

    init(_ kind: ForgeKind, _ response: HTTPResponse) {
        self.kind = kind
        self.response = response
        words = response.status < 400 ? "" : response.redaction.text(ForgeRefusal.words(response.body))
    }

    /// A spent quota that only the words tell of: GitHub's secondary limits come without a header at times.
    var isUnsaidThrottling: Bool {
        guard kind == .github, response.status == 403, response.headers["Retry-After"] == nil,
            response.headers["X-RateLimit-Remaining"] != "0"
        else { return false }
        let words = words.lowercased()
        return words.contains("secondary rate limit") || words.contains("abuse detection")
    }

    func error(to request: HTTPRequest) -> ForgeError {
        let code = code
        let said = words.isEmpty ? "" : ": \(words)"
        let hint = hint(code)
        return ForgeError(
            code,
            "\(kind.title) refuses \(request.summary): \(response.statusText)\(said)\(hint.isEmpty ? "" : ". \(hint)")",
            isOutcomeUnknown: response.status >= 500 && request.method != "GET")
    }

    private var code: ForgeError.Code {
        let isSpent = response.headers["X-RateLimit-Remaining"] == "0" || response.headers["Retry-After"] != nil
        if response.status == 429 || isUnsaidThrottling || (response.status == 403 && isSpent) { return .throttled }
        return switch response.status {
        case 401: .unauthorized
        case 403: .forbidden
        case 404, 410: .missing
        case 500...: .unavailable
        default: .invalid
        }
    }

    private func hint(_ code: ForgeError.Code) -> String {
        switch code {
        case .throttled:
            let reset = (response.headers["X-RateLimit-Reset"] ?? response.headers["RateLimit-Reset"]).flatMap(
                Double.init)
            return reset.map { "The quota is filled again at \(InstantText.utc($0))" }
                ?? "It is asked too much: try later"
        case .unauthorized: return "The token is wrong, has ended or was revoked: make a new one"
        case .forbidden:
            let wanted =
                response.headers["X-Accepted-GitHub-Permissions"] ?? response.headers["X-Accepted-OAuth-Scopes"]
            if let wanted, !wanted.isEmpty { return "The token needs the permission \(wanted)" }
            return "The token may not do this: give it the right to"
        case .missing: return "It is not there, or the token may not see it"
        default:
            return (300..<400).contains(response.status)
                ? "It has moved: name the repository as it is called now, and its forge by the address that it redirects to"
                : ""
        }
    }

    /// The sentences in an error's body, whatever form they have; bounded, because anything may answer.
    private static func words(_ body: [UInt8]) -> String {
        guard body.count <= 1 << 20, let value = try? Value(json: body) else { return "" }
        var found: [String] = []
        collect(value, into: &found, depth: 0)
        return String(found.joined(separator: "; ").prefix(500))
    }

    private static let namesOfWords: Set<String> = ["message", "error", "error_description", "errors"]

    private static func collect(_ value: Value, into found: inout [String], depth: Int) {
        guard depth < 5, found.count < 8 else { return }
        switch value.kind {
        case .string(let text) where depth > 0 && !text.isEmpty: found.append(text)
        case .list(let elements, _) where depth > 0:
            for element in elements { collect(element, into: &found, depth: depth + 1) }
        case .map(let map, _):
            for entry in map where depth > 1 || namesOfWords.contains(entry.key) {
                // GitHub's list of errors has links and codes in it, GitLab's message names fields.
                if depth > 1, ["documentation_url", "url", "resource"].contains(entry.key) { continue }
                collect(entry.value, into: &found, depth: depth + 1)
            }
        default: break
        }
    }
}
