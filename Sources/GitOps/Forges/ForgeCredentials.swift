internal import Crypto
internal import HTTPTransport
internal import PlumbModel
internal import _CryptoExtras

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// How we prove to a forge who we are.
public enum ForgeCredentials: Sendable {
    /// Of a user, a bot, a project, or of a CI job.
    case token(String)
    /// A GitHub App, whose tokens are short-lived.
    ///
    /// - Parameters:
    ///   - id: its number or its client ID.
    ///   - privateKey: PEM, as GitHub gives it out.
    ///   - installation: nil: the one that the repository has.
    case app(id: String, privateKey: String, installation: Int?)
}

/// Signs what a GitHub App says in its own name: RS256, for ten minutes at most.
struct AppKey: Sendable {
    let id: String
    private let key: _RSA.Signing.PrivateKey

    init(id: String, pem: String) throws(ForgeError) {
        self.id = id
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            throw ForgeError(
                .invalidSettings,
                "The private key of GitHub App \(id) cannot be read: it must be an RSA key in PEM, as the "
                    + "App's settings give it out."
            )
        }
    }

    /// - Parameter now: in seconds since 1970.
    func token(now: Int) throws(HTTPError) -> AccessToken {
        // A minute ago, because GitHub refuses what comes from the future, by its own clock.
        let claims = "{\"iat\":\(now - 60),\"exp\":\(now + 540),\"iss\":\(AppKey.quoted(id))}"
        let signed =
            AppKey.base64URL(Array("{\"alg\":\"RS256\",\"typ\":\"JWT\"}".utf8)) + "."
            + AppKey.base64URL(Array(claims.utf8))
        do {
            let digest = SHA256.hash(data: Data(signed.utf8))
            let signature = try key.signature(for: digest, padding: .insecurePKCS1v1_5)
            let text = signed + "." + AppKey.base64URL(Array(signature.rawRepresentation))
            return AccessToken(text, lifetime: .seconds(540))
        } catch {
            throw HTTPError(.unauthorized, "The private key of GitHub App \(id) does not sign")
        }
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.write(.string(text))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// Gets the tokens of a GitHub App's installation, anew before they end.
struct InstallationTokens: Sendable {
    private struct Installation: Decodable { let id: Int }
    private struct Token: Decodable {
        let token: String
        let expiresAt: String
    }

    let base: String
    let repository: String
    let installation: Int?
    let http: HTTPClient
    let headers: HTTPHeaders
    let signer: TokenAuthenticator

    /// What requests of the installation are signed with.
    var authenticator: TokenAuthenticator {
        let tokens = self
        return TokenAuthenticator(margin: .seconds(300)) { () async throws(HTTPError) in try await tokens.fetch() }
    }

    private func fetch() async throws(HTTPError) -> AccessToken {
        let number: Int
        if let installation {
            number = installation
        } else {
            let found = try await ask(Installation.self, "GET", "/repos/\(repository)/installation")
            number = found.id
        }
        let asked = HTTPDate.now
        let token = try await ask(Token.self, "POST", "/app/installations/\(number)/access_tokens")
        guard let end = HTTPDate.seconds(rfc3339: token.expiresAt) else {
            throw HTTPError(.unreadable, "\(base): the installation's token ends at a time that is none")
        }
        return AccessToken(token.token, lifetime: .seconds(max(1, end - asked)))
    }

    private func ask<T: Decodable>(_ type: T.Type, _ method: String, _ path: String) async throws(HTTPError) -> T {
        // A second token does no harm, so a lost answer is asked for again.
        let request = HTTPRequest(
            method, base + path, headers: headers, isIdempotent: true, authenticator: signer, hidesResponseBody: true)
        let response = try await http.send(request)
        guard (200..<300).contains(response.status) else {
            let error = ForgeRefusal(.github, response).error(to: request)
            if error.code == .missing {
                throw HTTPError(
                    .unauthorized,
                    "the App is not installed for \(repository): install it there, in its settings (\(error.message))")
            }
            let kind: HTTPError.Kind =
                error.code == .throttled ? .throttled : error.code == .unavailable ? .unreachable : .unauthorized
            throw HTTPError(kind, "the App's token: \(error.message)")
        }
        do {
            return try JSONDecoder.forForges.decode(type, from: Data(response.body))
        } catch {
            throw HTTPError(.unreadable, "\(request.summary): \(JSONReason.text(error))")
        }
    }
}
