internal import Crypto
internal import Forges
internal import HTTPTypes
internal import PlumbModel

/// What a forge says when it calls: which event, which delivery, and what proves that it is the forge.
struct WebhookDelivery: Sendable {
    enum Meaning: Sendable, Hashable {
        /// Something was pushed to the repository that the forge knows under these URLs.
        case push([String])
        /// Something has happened to a pull request of it.
        case pullRequest(Int, [String])
        case ping
        /// Nothing that the controller goes by.
        case other
    }

    let forge: WebhookSecret.Forge
    /// As the forge's header has it: `push`, `Push Hook`; empty where it is missing.
    let event: String
    /// By which the same delivery is known again: what the forge calls it, and what the body says, because only that is
    /// signed.
    let marks: [String]
    private let signature: String?
    private let body: [UInt8]

    init(_ forge: WebhookSecret.Forge, _ headers: HTTPFields, _ body: [UInt8]) {
        self.forge = forge
        self.body = body
        let digest = SHA256.hash(data: body).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        switch forge {
        case .github:
            event = headers[.gitHubEvent] ?? ""
            signature = headers[.hubSignature]
            marks = [headers[.gitHubDelivery], digest].compactMap { $0 }
        case .gitea:
            event = headers[.forgejoEvent] ?? headers[.giteaEvent] ?? ""
            signature = headers[.forgejoSignature] ?? headers[.giteaSignature]
            marks = [headers[.forgejoDelivery] ?? headers[.giteaDelivery], digest].compactMap { $0 }
        case .gitlab:
            event = headers[.gitLabEvent] ?? ""
            signature = headers[.gitLabToken]
            // Two pushes may say the very same, and the body is not signed anyway: it stands in only for a missing name.
            marks = [headers[.idempotencyKey] ?? headers[.gitLabEventUUID] ?? digest]
        }
    }

    /// Whether it proves anything at all.
    var isSigned: Bool { signature?.isEmpty == false }

    func isProven(by secrets: [WebhookSecret]) -> Bool {
        guard let signature else { return false }
        // All of them, so that the time tells nothing.
        return secrets.filter { $0.forge == forge }.reduce(false) { isProven, secret in
            proves(secret.secret, signature) || isProven
        }
    }

    /// Nil where the body is no JSON object.
    func meaning() -> Meaning? {
        guard let body = try? Value(json: body), body.asMap != nil else { return nil }
        switch forge {
        case .github, .gitea:
            switch event {
            case "push", "create", "delete": return .push(urls(body[key: "repository"], WebhookDelivery.hubKeys))
            case "ping": return .ping
            default: return pullRequest(urls(body[key: "repository"], WebhookDelivery.hubKeys))
            }
        case .gitlab:
            let kind = body[key: "object_kind"]?.asString ?? body[key: "event_name"]?.asString
            let ofProject = urls(body[key: "project"], WebhookDelivery.labKeys)
            guard kind == "push" || kind == "tag_push" else { return pullRequest(ofProject) }
            return .push(ofProject.isEmpty ? urls(body[key: "repository"], WebhookDelivery.labKeys) : ofProject)
        }
    }

    /// What there is of it to know, the forge is asked: only which one is meant is taken from here.
    private func pullRequest(_ urls: [String]) -> Meaning {
        let kind: ForgeKind =
            switch forge {
            case .github: .github
            case .gitlab: .gitlab
            case .gitea: .gitea
            }
        guard let happened = try? WebhookReader(kind).read(event: event, body) else { return .other }
        switch happened.kind {
        case .pullRequest(_, let number, _), .comment(_, pullRequest: let number),
            .approval(_, pullRequest: let number):
            return .pullRequest(number, urls)
        case .push, .ping, .other: return .other
        }
    }

    private static let hubKeys = ["clone_url", "ssh_url", "git_url", "html_url"]
    private static let labKeys = ["git_http_url", "git_ssh_url", "http_url", "ssh_url", "web_url", "url", "homepage"]

    private func urls(_ repository: Value?, _ keys: [String]) -> [String] {
        keys.compactMap { repository?[key: $0]?.asString }.filter { !$0.isEmpty }
    }

    private func proves(_ secret: String, _ signature: String) -> Bool {
        guard forge != .gitlab else {
            // Digests, so that the time does not even tell the length.
            return Authenticator.areEqual(
                Array(SHA256.hash(data: Array(secret.utf8))), Array(SHA256.hash(data: Array(signature.utf8))))
        }
        var digits = signature[...]
        if forge == .github {
            guard digits.hasPrefix("sha256=") else { return false }
            digits = digits.dropFirst("sha256=".count)
        }
        guard let code = WebhookDelivery.bytes(digits) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: body, using: SymmetricKey(data: Array(secret.utf8)))
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension HTTPField.Name {
    static let gitHubEvent = known("X-GitHub-Event")
    static let gitHubDelivery = known("X-GitHub-Delivery")
    static let hubSignature = known("X-Hub-Signature-256")
    static let giteaEvent = known("X-Gitea-Event")
    static let giteaDelivery = known("X-Gitea-Delivery")
    static let giteaSignature = known("X-Gitea-Signature")
    static let forgejoEvent = known("X-Forgejo-Event")
    static let forgejoDelivery = known("X-Forgejo-Delivery")
    static let forgejoSignature = known("X-Forgejo-Signature")
    static let gitLabEvent = known("X-Gitlab-Event")
    static let gitLabToken = known("X-Gitlab-Token")
    static let gitLabEventUUID = known("X-Gitlab-Event-UUID")
    static let idempotencyKey = known("Idempotency-Key")
    static let lastEventID = known("Last-Event-ID")
    static let contentSecurityPolicy = known("Content-Security-Policy")
    static let contentTypeOptions = known("X-Content-Type-Options")
    static let referrerPolicy = known("Referrer-Policy")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no name of a header") }
        return name
    }
}
