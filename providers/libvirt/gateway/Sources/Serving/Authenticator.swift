import Crypto
import Foundation
import HTTPTypes
import NIOCore
import NIOSSL

/// Who may do what: on the Unix socket whoever may open the file, over TLS who has a token or a certificate.
struct Authenticator: Sendable {
    enum Role: String, Sendable { case read, write }

    /// Whoever has sent a request.
    struct Caller: Sendable {
        let name: String
        let role: Role
    }

    struct Token: Sendable {
        let name: String
        let role: Role
        /// SHA-256: the file tells nobody a token.
        let digest: [UInt8]
    }

    enum Door: Sendable {
        case socket
        case tls
    }

    let door: Door
    let tokens: [Token]
    let acceptsCertificates: Bool

    static let socket = Authenticator(door: .socket, tokens: [], acceptsCertificates: false)

    func caller(_ headers: HTTPFields, _ channel: any Channel) async throws(Problem) -> Caller {
        guard case .tls = door else { return Caller(name: "socket", role: .write) }
        if acceptsCertificates, let certificate = try? await channel.nioSSL_peerCertificate().get() {
            // The handshake has held it against the authorities.
            let digest = SHA256.hash(data: (try? certificate.toDERBytes()) ?? [])
            return Caller(name: "certificate:" + Authenticator.hexadecimal(digest.prefix(8)), role: .write)
        }
        guard let header = headers[.authorization] else { throw unauthorized("The request has no token.") }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw unauthorized("Authorization has to be: Bearer TOKEN.")
        }
        let digest = Array(SHA256.hash(data: Data(parts[1].utf8)))
        var found: Token?
        // All of them and all of each, so that the time tells nothing.
        for token in tokens where Authenticator.areEqual(token.digest, digest) { found = token }
        guard let found else { throw unauthorized("Nobody has this token.") }
        return Caller(name: found.name, role: found.role)
    }

    private func unauthorized(_ detail: String) -> Problem {
        var problem = Problem(.unauthorized, "Who asks is not known", detail: detail)
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }

    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

extension Authenticator {
    /// Why a file of tokens cannot be read.
    struct TokenFileFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// Lines of `name role sha256-of-the-token`; what follows `#` is a comment.
    static func tokens(in text: String) throws(TokenFileFailure) -> [Token] {
        var tokens: [Token] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            guard words.count == 3, let role = Role(rawValue: String(words[1])), let digest = bytes(words[2]) else {
                throw TokenFileFailure(
                    description: "line \(index + 1) is not: name, read or write, and 64 hexadecimal digits; "
                        + "`plumb-libvirt-gateway token NAME` writes such a line")
            }
            tokens.append(Token(name: String(words[0]), role: role, digest: digest))
        }
        return tokens
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count == 64 else { return nil }
        let digits = Array(text.utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
