import PlumbModel
import ProviderAPI

/// A refusal of the gateway: its `problem+json`, read.
struct Refusal: Sendable {
    let status: Int
    /// In one line, with what is wrong at which place.
    let text: String
    private let summary: String

    /// Nil for a success.
    init?(_ answer: GatewayClient.Answer) {
        guard !(200...299).contains(answer.status) else { return nil }
        self.init(answer.body, status: answer.status, summary: answer.summary)
    }

    /// Of a task that failed.
    init(_ problem: Value, status: Int, summary: String) {
        self.status = status
        self.summary = summary
        var parts = [problem[key: "title"]?.asString, problem[key: "detail"]?.asString].compactMap(\.self)
        if let message = problem[key: "libvirt"]?[key: "message"]?.asString,
            !parts.contains(where: { $0.contains(message) })
        {
            parts.append(message)
        }
        for fault in problem[key: "errors"]?.asList ?? [] {
            let place = (fault[key: "pointer"]?.asString ?? "").drop { $0 == "/" }.replacing("/", with: ".")
            parts.append("\(place): \(fault[key: "detail"]?.asString ?? "")")
        }
        let ended = parts.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        text = ended.isEmpty ? "the gateway answered \(status)" : ended.joined(separator: ". ")
    }

    var isGone: Bool { status == 404 }
    /// It exists although it must not, or is another version than was seen.
    var isUnexpectedVersion: Bool { status == 412 }

    func error(changes: Bool) -> ProviderError {
        let words = "\(summary): \(text)"
        switch status {
        case 401, 403:
            return ProviderError(.unauthorized, "\(words). The gateway does not let this caller do that.")
        case 404: return ProviderError(.notFound, words)
        case 412:
            return ProviderError(
                .conflict, "\(words). Somebody has changed it since it was read. Plan again to see what it is now.")
        case 409: return ProviderError(.conflict, words)
        case 408, 504: return ProviderError(.timeout, words, isRetryable: true, isOutcomeUnknown: changes)
        case 429: return ProviderError(.rateLimited, words, isRetryable: true)
        case 400...499, 501: return ProviderError(.invalid, words)
        default:
            // Also 503: the gateway may have lost libvirt in the middle of a change.
            return ProviderError(.unavailable, words, isRetryable: true, isOutcomeUnknown: changes)
        }
    }
}
