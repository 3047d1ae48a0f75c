import Expressions
import HTTPTransport
import PlumbModel

/// Gets tokens by OAuth 2's client credentials grant.
struct ClientCredentialsGrant: Sendable {
    let client: HTTPClient
    let url: String
    let clientID: String
    let clientSecret: String
    let parameters: [(String, String)]
    let isInForm: Bool
    let timeout: Duration

    func token() async throws(HTTPError) -> AccessToken {
        var form = [("grant_type", "client_credentials")] + parameters
        // Asking twice costs nothing but a second token.
        var request = HTTPRequest(
            "POST", url,
            headers: ["Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"],
            isIdempotent: true, timeout: timeout, maximumResponseBytes: 1 << 20,
            secrets: [clientSecret, FormText.escaped(clientSecret)], hidesResponseBody: true)
        if isInForm {
            form += [("client_id", clientID), ("client_secret", clientSecret)]
        } else {
            // RFC 6749 2.3.1: both are written as in a form before they are put together.
            request.authenticator = HeaderAuthenticator.basic(
                user: FormText.escaped(clientID), password: FormText.escaped(clientSecret))
        }
        request.body = FormText.bytes(form)
        let answer = try await TokenRequest(client: client, request: request).send()
        guard let token = answer.body[key: "access_token"]?.asString, !token.isEmpty else {
            throw HTTPError(.unauthorized, "\(request.summary): the answer holds no access_token")
        }
        let seconds = answer.body[key: "expires_in"]?.asText.flatMap { Double($0) }
        return AccessToken(token, lifetime: seconds.flatMap { $0 > 0 && $0 < 1e9 ? .seconds($0) : nil })
    }
}

/// Gets tokens by a request that an API file describes.
struct DescribedGrant: Sendable {
    let client: HTTPClient
    let request: HTTPRequest
    let token: AuthenticationTemplate.Token
    let variables: ValueMap

    func token() async throws(HTTPError) -> AccessToken {
        let answer = try await TokenRequest(client: client, request: request).send()
        guard let text = try evaluate(token.value, answer).asText, !text.isEmpty else {
            throw HTTPError(
                .unauthorized, "\(request.summary): \(token.value.range): the answer holds no token at this place")
        }
        guard let expires = token.expires else { return AccessToken(text) }
        return AccessToken(text, lifetime: lifetime(try evaluate(expires, answer), answer))
    }

    private func evaluate(_ expression: ValueExpression, _ answer: TokenRequest.Answer) throws(HTTPError) -> Value {
        do {
            let scope = CredentialScope(variables: variables, response: answer.value)
            return try Evaluator(scope: scope).evaluate(expression).deeplyUnmarked
        } catch {
            let texts = error.all.map { "\($0.source.map { "\($0): " } ?? "")\($0.detail)" }
            throw HTTPError(
                .unauthorized,
                "\(request.summary): no token: \(request.redaction.text(texts.joined(separator: "; ")))")
        }
    }

    /// From a number of seconds, or from a time, which is compared with the server's own clock where it tells it.
    private func lifetime(_ value: Value, _ answer: TokenRequest.Answer) -> Duration? {
        if let seconds = value.asText.flatMap({ Double($0) }) {
            // Seconds since 1970 are a time too.
            let left = seconds > 1e9 ? seconds - Double(answer.serverTime) : seconds
            return .seconds(min(max(left, 0), 1e9))
        }
        guard let end = value.asString.flatMap({ HTTPDate.seconds(rfc3339: $0) ?? HTTPDate.seconds($0) }) else {
            return nil
        }
        return .seconds(max(0, end - answer.serverTime))
    }
}

/// Sends a request for a token, and says why there is none.
struct TokenRequest {
    struct Answer {
        let body: Value
        let value: Value
        /// Seconds since 1970, by the server's clock if it tells.
        let serverTime: Int
    }

    let client: HTTPClient
    let request: HTTPRequest

    func send() async throws(HTTPError) -> Answer {
        let response = try await client.send(request)
        let text = String(decoding: response.body, as: UTF8.self)
        let body = response.body.isEmpty ? Value.null : (try? Value(json: response.body)) ?? .string(text)
        guard (200...299).contains(response.status) else {
            throw HTTPError(
                .unauthorized, "\(request.summary): no token: \(response.statusText)\(words(of: body))")
        }
        let headers = response.headers.map { ($0.name.lowercased(), Value.string($0.value)) }
        let value: Value = ["status": .number(response.status), "headers": .object(ValueMap(headers)), "body": body]
        let told = response.headers["Date"].flatMap { HTTPDate.seconds($0) }
        return Answer(body: body, value: value, serverTime: told ?? HTTPDate.now)
    }

    /// The server's reason in one line, as far as it is likely to be one: OAuth's, Keystone's.
    private func words(of body: Value) -> String {
        let told =
            body[key: "error_description"]?.asString ?? body[key: "error"]?[key: "message"]?.asString
            ?? body[key: "error"]?.asString ?? body[key: "message"]?.asString ?? ""
        let line = told.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300)
        return line.isEmpty ? "" : ": " + request.redaction.text(String(line))
    }
}

/// Writes `application/x-www-form-urlencoded`.
enum FormText {
    static func escaped(_ text: String) -> String {
        URLText.escaped(text).replacing("%20", with: "+")
    }

    static func bytes(_ pairs: [(String, String)]) -> [UInt8] {
        Array(pairs.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&").utf8)
    }
}
