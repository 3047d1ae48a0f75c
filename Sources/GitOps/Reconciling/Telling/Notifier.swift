internal import Crypto
internal import HTTPTransport
internal import Operations
internal import PlumbModel

/// Tells others what has become of stacks, by HTTP. What cannot be told is logged and let go of after a few tries: it
/// delays nothing.
final class Notifier: Sendable {
    private let targets: [NotificationTarget]
    private let environment: [String: String]
    private let client: HTTPClient?

    init(_ targets: [NotificationTarget], environment: [String: String]) {
        self.targets = targets
        self.environment = environment
        client = targets.isEmpty ? nil : HTTPClient()
    }

    /// Returns at once.
    ///
    /// - Parameter failed: called with a target and why it could not be told.
    func notify(_ event: StackEvent, failed: @escaping @Sendable (String, String) -> Void) {
        guard let client else { return }
        for target in targets where target.phases.contains(event.phase) && target.isAbout(event.stack) {
            Task {
                if let reason = await Self.send(event, target, client, environment) { failed(target.name, reason) }
            }
        }
    }

    /// - Returns: why it was not taken; nil if it was.
    private static func send(
        _ event: StackEvent, _ target: NotificationTarget, _ client: HTTPClient, _ environment: [String: String]
    ) async -> String? {
        do throws(Diagnostics) {
            let url = try await secret(target.url, environment)
            let body = Array(text(of: event, target.form).utf8)
            var request = HTTPRequest("POST", url, body: body, isIdempotent: true, timeout: .seconds(10))
            request.secrets = [url]
            request.headers.append("Content-Type", "application/json")
            if let key = target.key {
                let key = SymmetricKey(data: Array(try await secret(key, environment).utf8))
                let code = HMAC<SHA256>.authenticationCode(for: body, using: key)
                request.headers.append("X-Plumbline-Signature-256", "sha256=" + code.map(hexadecimal).joined())
            }
            do throws(HTTPError) {
                let response = try await client.send(request)
                return (200..<300).contains(response.status) ? nil : "It answered \(response.status)."
            } catch {
                return error.message
            }
        } catch {
            return error.sentence(while: "It could not be told")
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
    }

    private static func text(of event: StackEvent, _ form: NotificationTarget.Form) -> String {
        switch form {
        case .webhook: return RecordKeeper.encode(event)
        case .slack:
            let escaped = "\(event.stack) is \(event.phase.rawValue): \(event.reason)".reduce(into: "") {
                text, character in
                switch character {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                default: text.append(character)
                }
            }
            return RecordKeeper.encode(["text": escaped])
        }
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
