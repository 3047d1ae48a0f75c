internal import Crypto
internal import HTTPTransport
internal import MailTransport
internal import Operations
internal import PlumbModel

/// Tells others what has become of stacks. Whom it cannot reach it tries for a while again: it delays nothing.
final class Notifier: Sendable {
    private let targets: [NotificationTarget]
    private let environment: [String: String]
    private let couriers: Couriers
    /// Of the page of a stack; nil where nobody has said where the controller is.
    private let site: StackLinks
    private let client: HTTPClient?

    init(_ configuration: ControllerConfiguration, environment: [String: String], couriers: Couriers) {
        targets = configuration.notifications
        self.environment = environment
        self.couriers = couriers
        site = StackLinks(configuration)
        // The courier is patient enough.
        client = targets.isEmpty ? nil : HTTPClient(HTTPClient.Settings(retry: RetryPolicy(attempts: 2)))
    }

    /// Returns before anybody is told.
    func notify(_ event: StackEvent) async {
        guard let client else { return }
        let text = NotificationText(event: event, link: site.link(to: event.stack))
        for target in targets where target.phases.contains(event.phase) && target.isAbout(event.stack) {
            let environment = environment
            let message = Courier.Message(
                subject: event.message, hand: { await Self.tell(text, target, client, environment) })
            await couriers.courier(for: .target(target.name)).deliver(message)
        }
    }

    private static func tell(
        _ text: NotificationText, _ target: NotificationTarget, _ client: HTTPClient, _ environment: [String: String]
    ) async -> Courier.Reply {
        do throws(Diagnostics) {
            switch target.channel {
            case .webhook(let url, let key):
                return try await post(text.webhook, url, key, client, environment)
            case .slack(let url):
                return try await post(text.slack, url, nil, client, environment)
            case .email(let route):
                return try await mail(text, route, environment)
            }
        } catch {
            return .refused(error.sentence(while: "It could not be told"))
        }
    }

    private static func post(
        _ text: String, _ url: SecretReference, _ key: SecretReference?, _ client: HTTPClient,
        _ environment: [String: String]
    ) async throws(Diagnostics) -> Courier.Reply {
        let url = try await secret(url, environment)
        let body = Array(text.utf8)
        var request = HTTPRequest("POST", url, body: body, isIdempotent: true, timeout: .seconds(10))
        request.secrets = [url]
        request.headers.append("Content-Type", "application/json")
        if let key {
            let key = SymmetricKey(data: Array(try await secret(key, environment).utf8))
            let code = HMAC<SHA256>.authenticationCode(for: body, using: key)
            request.headers.append("X-Plumbline-Signature-256", "sha256=" + code.map(hexadecimal).joined())
        }
        do throws(HTTPError) {
            let status = try await client.send(request).status
            switch status {
            case 200..<300: return .taken
            case 408, 425, 429, 500...: return .missed("It answered \(status).")
            default: return .refused("It answered \(status).")
            }
        } catch {
            // Whatever is in the way may be mended while it is tried.
            return error.kind == .invalid ? .refused(error.message) : .missed(error.message)
        }
    }

    private static func mail(
        _ text: NotificationText, _ route: MailRoute, _ environment: [String: String]
    ) async throws(Diagnostics) -> Courier.Reply {
        var server = MailServer(
            host: route.host, port: route.port, security: route.security.ofServer, authorities: route.authorities)
        if let login = route.login {
            server.login = (try await secret(login.user, environment), try await secret(login.password, environment))
        }
        do throws(MailError) {
            try await server.take(text.mail(from: route.from, to: route.to))
            return .taken
        } catch {
            let reason = KnownSecrets.redact(error.message)
            return error.isTransient ? .missed(reason) : .refused(reason)
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
    }

    private static func secret(
        _ reference: SecretReference, _ environment: [String: String]
    ) async throws(Diagnostics) -> String {
        let secret = try await BlockingWork.run { () throws(Diagnostics) in
            try SecretReading(environment: environment).read(reference)
        }
        KnownSecrets.note(Value.string(secret).sensitive())
        return secret
    }
}

/// Where people look at stacks: the controller's own page.
struct StackLinks: Sendable {
    private let site: String?

    init(_ configuration: ControllerConfiguration) { site = configuration.server?.url }

    /// Nil where nobody has said where the page is.
    func link(to stack: String) -> String? { site.map { "\($0)/#/\(URLText.escaped(stack))" } }
}

extension MailRoute.Security {
    fileprivate var ofServer: MailServer.Security {
        switch self {
        case .tls: .tls
        case .startTLS: .startTLS
        case .none: .none
        }
    }
}

extension NotificationTarget {
    fileprivate func isAbout(_ stack: String) -> Bool {
        stacks.contains { pattern in
            do throws(GlobPattern.Malformed) {
                return try GlobPattern.all(in: pattern).contains { $0.matches(stack) }
            } catch {
                return pattern == stack
            }
        }
    }
}
