internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The head of an age file: for each recipient the file key, wrapped, and a code that authenticates it all.
struct AgeHeader {
    static let version = "age-encryption.org/v1"

    /// One wrapped file key.
    struct Stanza {
        let type: String
        let arguments: [String]
        let body: [UInt8]
    }

    let stanzas: [Stanza]
    /// All bytes up to and with `---`, which the code is of.
    let authenticated: [UInt8]
    let code: [UInt8]

    init(_ stanzas: [Stanza], fileKey: [UInt8]) {
        var text = Self.version + "\n"
        for stanza in stanzas {
            text += "-> " + ([stanza.type] + stanza.arguments).joined(separator: " ") + "\n"
            var rest = AgeBase64.text(stanza.body)[...]
            while rest.utf8.count >= 64 {
                text += rest.prefix(64) + "\n"
                rest = rest.dropFirst(64)
            }
            text += rest + "\n"
        }
        self.stanzas = stanzas
        authenticated = Array((text + "---").utf8)
        code = Self.code(of: authenticated, fileKey)
    }

    var bytes: [UInt8] { authenticated + Array((" " + AgeBase64.text(code) + "\n").utf8) }

    func isAuthentic(_ fileKey: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            Data(code), authenticating: Data(authenticated), using: Self.key(fileKey))
    }

    private static func code(of bytes: [UInt8], _ fileKey: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(bytes), using: key(fileKey)))
    }

    private static func key(_ fileKey: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: fileKey), salt: Data(), info: Data("header".utf8), outputByteCount: 32)
    }

    // MARK: - Reading

    /// - Returns: the header, and the offset at which the payload begins.
    static func read(_ bytes: [UInt8]) throws(AgeError) -> (header: AgeHeader, end: Int) {
        var offset = 0
        func line() throws(AgeError) -> String {
            guard let end = bytes[offset...].firstIndex(of: 0x0A) else { throw malformed("it ends in the header") }
            defer { offset = end + 1 }
            // Only visible ASCII and single spaces may stand in it, which the parts are checked for.
            return String(decoding: bytes[offset..<end], as: UTF8.self)
        }
        guard try line() == version else { throw malformed("its first line is not \"\(version)\"") }
        var stanzas: [Stanza] = []
        while true {
            let start = offset
            let text = try line()
            if text.hasPrefix("---") {
                guard text.hasPrefix("--- "), let code = AgeBase64.bytes(String(text.dropFirst(4))), code.count == 32
                else { throw malformed("its last line is no authentication code") }
                guard !stanzas.isEmpty else { throw malformed("it names no recipient") }
                let header = AgeHeader(stanzas, authenticated: Array(bytes[..<(start + 3)]), code: code)
                return (header, offset)
            }
            guard text.hasPrefix("-> ") else { throw malformed("a line begins with neither \"->\" nor \"---\"") }
            let words = text.dropFirst(3).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }) else {
                throw malformed("a recipient's line has characters or spaces that it may not have")
            }
            var body = ""
            while true {
                let part = try line()
                guard part.utf8.count <= 64 else { throw malformed("a line of a recipient is too long") }
                body += part
                if part.utf8.count < 64 { break }
            }
            guard let decoded = AgeBase64.bytes(body) else { throw malformed("a recipient's body is no base64") }
            stanzas.append(Stanza(type: words[0], arguments: Array(words.dropFirst()), body: decoded))
        }
    }

    private init(_ stanzas: [Stanza], authenticated: [UInt8], code: [UInt8]) {
        self.stanzas = stanzas
        self.authenticated = authenticated
        self.code = code
    }

    static func malformed(_ reason: String) -> AgeError {
        AgeError(.header, "It is no file of age, or it is damaged: \(reason).")
    }
}

/// Base64 as age has it in headers: without padding, and each text of exactly one form.
enum AgeBase64 {
    static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "")
    }

    /// Nil for what is not the one form.
    static func bytes(_ text: String) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard !text.contains("="), let data = Data(base64Encoded: text + padding) else { return nil }
        let bytes = [UInt8](data)
        return self.text(bytes) == text ? bytes : nil
    }
}
