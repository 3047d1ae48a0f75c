import PlumbModel
import ProviderAPI

/// A refusal of the API server: a `Status` object, read.
struct Refusal: Sendable {
    struct Cause: Sendable {
        let reason: String
        let message: String
        /// As the server writes it: `spec.selector`, `.spec.replicas`.
        let field: String
    }

    let status: Int
    /// `NotFound`, `Invalid`, `Conflict`; empty where the server names none.
    let reason: String
    let message: String
    /// What the refusal is about: a resource's plural and a name.
    let kind: String
    let name: String
    let causes: [Cause]
    private let summary: String
    private let server: String

    /// Nil for a success.
    init?(_ answer: ClusterClient.Answer) {
        guard !(200...299).contains(answer.status) else { return nil }
        let body = answer.body
        let details = body[key: "details"] ?? .null
        status = answer.status
        reason = body[key: "reason"]?.asString ?? ""
        message = body[key: "message"]?.asString ?? ""
        kind = details[key: "kind"]?.asString ?? ""
        name = details[key: "name"]?.asString ?? ""
        causes = (details[key: "causes"]?.asList ?? []).map { cause in
            Cause(
                reason: cause[key: "reason"]?.asString ?? "", message: cause[key: "message"]?.asString ?? "",
                field: cause[key: "field"]?.asString ?? "")
        }
        summary = answer.summary
        server = answer.server
    }

    /// In one line.
    var text: String {
        let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? "the server answered \(status)" : line
    }

    var isGone: Bool { status == 404 || status == 410 }
    var isMissingNamespace: Bool { status == 404 && kind == "namespaces" }
    var isConflict: Bool { status == 409 && causes.contains { $0.reason == "FieldManagerConflict" } }

    /// Others have written at the same moment, again and again: nothing has come of it, and it may be asked once more.
    var isContention: Bool {
        status == 409 && reason == "Conflict" && causes.isEmpty && !message.lowercased().contains("uid")
    }
    /// A webhook has its say about such objects that cannot be asked without consequences.
    var isUntriable: Bool { status == 400 && message.contains("does not support dry run") }

    /// Who lacks the right to do something with objects of a kind; which of them it was about does not matter.
    private var missingRight: String? {
        guard !server.isEmpty, let start = text.firstRange(of: " is forbidden: User ") else { return nil }
        return "\(server): User \(text[start.upperBound...]). Let a role give that right, or use other credentials."
    }

    func error(changes: Bool) -> ProviderError {
        let words = "\(summary): \(text)"
        switch status {
        case 401:
            return ProviderError(
                .unauthorized, "\(words). The server does not know who asks: the credentials are wrong or have expired."
            )
        case 403: return ProviderError(.unauthorized, missingRight ?? words)
        case 404, 410: return ProviderError(.notFound, words)
        case 409: return ProviderError(.conflict, words)
        case 408, 504:
            return ProviderError(.timeout, words, isRetryable: true, isOutcomeUnknown: changes)
        case 429: return ProviderError(.rateLimited, words, isRetryable: true)
        case 400...499: return ProviderError(.invalid, words)
        default:
            return ProviderError(.unavailable, words, isRetryable: true, isOutcomeUnknown: changes && status != 503)
        }
    }
}
