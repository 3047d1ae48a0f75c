internal import Crypto
internal import PlumbModel
internal import Synchronization

/// Whoever has sent a request.
struct Caller: Sendable {
    let token: APIToken

    var name: String { token.name }

    func covers(_ stack: String) -> Bool { token.covers(stack: stack) }
}

/// Tells by its token who sends a request. What it goes by may be replaced while it works.
final class Authenticator: Sendable {
    struct Access: Sendable {
        let tokens: [APIToken]
        let webhooks: [WebhookSecret]
        let hasOpenMetrics: Bool
    }

    /// Why nobody was found.
    enum Refusal: Error, Sendable {
        case missing
        /// Something was sent that is no token of ours: somebody may be guessing.
        case wrong(String)
    }

    private let current: Mutex<Access>

    init(_ settings: ServerSettings) { current = Mutex(Authenticator.access(settings)) }

    func update(_ settings: ServerSettings) {
        let access = Authenticator.access(settings)
        current.withLock { $0 = access }
    }

    var access: Access { current.withLock { $0 } }

    /// - Parameters:
    ///   - header: `Authorization`.
    ///   - now: seconds since 1970.
    func authenticate(_ header: String?, now: Double) throws(Refusal) -> Caller {
        guard let header else { throw .missing }
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw .wrong("Authorization has to be: Bearer TOKEN.")
        }
        let digest = Array(SHA256.hash(data: Array(words[1].utf8)))
        var found: APIToken?
        // All of them and all of each, so that the time tells nothing.
        for token in access.tokens where Authenticator.areEqual(token.digest, digest) { found = token }
        guard let found else { throw .wrong("Nobody has this token.") }
        if let end = found.expiresAt, end <= now {
            throw .wrong("The token of \(found.name) expired at \(InstantText.iso(end)). Ask for a new one.")
        }
        return Caller(token: found)
    }

    /// Takes as long whatever the bytes are.
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func access(_ settings: ServerSettings) -> Access {
        Access(tokens: settings.tokens, webhooks: settings.webhooks, hasOpenMetrics: settings.hasOpenMetrics)
    }
}
