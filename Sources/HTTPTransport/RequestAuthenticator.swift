/// Proves to a server who is asking, and may get new credentials when the server does not believe it.
///
/// Part of a request (`HTTPRequest.authenticator`). One value serves all requests of an instance, at the same time.
public protocol RequestAuthenticator: Sendable {
    /// Adds the proof to a request: called before each attempt, last of all, so that a signature covers what is sent.
    ///
    /// What must appear in no log and error is to be added to `request.secrets`.
    ///
    /// - Throws: `unauthorized` where no credentials are to be had.
    func sign(_ request: inout HTTPRequest) async throws(HTTPError)

    /// Called when the answer was 401, once a request.
    ///
    /// - Parameter request: as it was signed.
    /// - Returns: whether there are other credentials now, so that the request is worth another try.
    func refresh(after request: HTTPRequest) async throws(HTTPError) -> Bool
}

extension RequestAuthenticator {
    public func refresh(after request: HTTPRequest) async throws(HTTPError) -> Bool { false }
}

/// A header that never changes: an API key, a bearer token, a name and password.
public struct HeaderAuthenticator: RequestAuthenticator {
    private let name: String
    private let value: String
    private let secrets: [String]

    /// `secret` is what of `value` must appear nowhere; all of it unless given.
    public init(name: String, value: String, secret: String? = nil) {
        self.name = name
        self.value = value
        secrets = [value, secret].compactMap(\.self)
    }

    public static func bearer(_ token: String) -> HeaderAuthenticator {
        HeaderAuthenticator(name: "Authorization", value: "Bearer \(token)", secret: token)
    }

    /// RFC 7617, in UTF-8.
    public static func basic(user: String, password: String) -> HeaderAuthenticator {
        let encoded = Base64Text.encoded(Array("\(user):\(password)".utf8))
        var basic = HeaderAuthenticator(name: "Authorization", value: "Basic \(encoded)", secret: password)
        basic = HeaderAuthenticator(name: basic.name, value: basic.value, secrets: basic.secrets + [encoded])
        return basic
    }

    private init(name: String, value: String, secrets: [String]) {
        self.name = name
        self.value = value
        self.secrets = secrets
    }

    public func sign(_ request: inout HTTPRequest) {
        request.headers[name] = value
        request.secrets += secrets
    }
}

/// A parameter of the query that never changes, as some APIs want their key.
public struct QueryAuthenticator: RequestAuthenticator {
    private let name: String
    private let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public func sign(_ request: inout HTTPRequest) {
        request.url = URLText.adding([(name, value)], to: request.url)
        request.secrets.append(value)
    }
}

/// Writes bytes as RFC 4648 says, without drawing Foundation in.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
