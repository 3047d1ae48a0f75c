/// Finds values that their names tell to be secret, in JSON, in forms and in queries, where nobody has said so.
enum SensitiveFields {
    private static let endings = [
        "password", "passwd", "passphrase", "secret", "secrets", "token", "apikey", "accesskey", "secretkey",
        "privatekey", "signature", "credential", "credentials", "assertion", "authkey", "clientkey",
    ]
    private static let names: Set<String> = ["authorization", "sig", "codeverifier", "pwd", "keydata", "clientkeydata"]

    /// `client_secret`, `X-Auth-Token`, `apiKey`.
    static func isSensitive(_ name: some StringProtocol) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        let plain = String(decoding: name.utf8.filter { $0 != 0x2D && $0 != 0x5F }, as: UTF8.self).lowercased()
        return names.contains(plain) || endings.contains { plain.hasSuffix($0) }
    }

    /// A body: JSON where it begins like that, otherwise a form where it looks like one, otherwise as it is.
    static func redacted(_ text: String) -> String {
        let first = text.utf8.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return redactedJSON(text) }
        return text.contains("=") && !text.utf8.contains { $0 <= 0x20 } ? redactedForm(text[...]) : text
    }

    /// `a=1&password=(sensitive)`
    static func redactedForm(_ text: Substring) -> String {
        text.split(separator: "&", omittingEmptySubsequences: false).map { pair in
            guard let equals = pair.firstIndex(of: "="), isSensitive(URLText.unescaped(pair[..<equals])) else {
                return String(pair)
            }
            return pair[...equals] + Redaction.mark
        }.joined(separator: "&")
    }

    /// Strings and numbers under a sensitive name, also those in a list there. Also of JSON that is cut off.
    private static func redactedJSON(_ text: String) -> String {
        var result: [UInt8] = []
        var scanner = JSONScanner(bytes: Array(text.utf8))
        var depthOfSecretList: Int?
        var isSecretNext = false
        var depth = 0
        while let token = scanner.next() {
            switch token.kind {
            case .string where scanner.isBeforeColon:
                isSecretNext = isSensitive(String(decoding: token.bytes.dropFirst().dropLast(), as: UTF8.self))
                result += token.bytes
            case .string, .word:
                let isSecret = isSecretNext || depthOfSecretList != nil
                let isEmptyValue = token.kind == .word && ["null", "true", "false"].contains(token.text)
                result += isSecret && !isEmptyValue ? Array("\"\(Redaction.mark)\"".utf8) : Array(token.bytes)
                isSecretNext = false
            case .open:
                depth += 1
                if isSecretNext, token.bytes.first == UInt8(ascii: "["), depthOfSecretList == nil {
                    depthOfSecretList = depth
                }
                isSecretNext = false
                result += token.bytes
            case .close:
                if depthOfSecretList == depth { depthOfSecretList = nil }
                depth -= 1
                result += token.bytes
            case .other: result += token.bytes
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Takes JSON apart into the few kinds of tokens that a redaction needs; anything is taken for something.
private struct JSONScanner {
    enum Kind { case string, word, open, close, other }

    struct Token {
        let kind: Kind
        let bytes: ArraySlice<UInt8>
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether a colon follows what was read last.
    var isBeforeColon: Bool { bytes[position...].first { $0 > 0x20 } == UInt8(ascii: ":") }

    mutating func next() -> Token? {
        guard position < bytes.count else { return nil }
        let start = position
        let kind: Kind
        switch bytes[position] {
        case UInt8(ascii: "\""):
            kind = .string
            position += 1
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            position = min(position + 1, bytes.count)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            kind = .open
            position += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            kind = .close
            position += 1
        case let byte where JSONScanner.isInWord(byte):
            kind = .word
            while position < bytes.count, JSONScanner.isInWord(bytes[position]) { position += 1 }
        default:
            kind = .other
            position += 1
        }
        return Token(kind: kind, bytes: bytes[start..<position])
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D
            || byte == 0x2B || byte == 0x2E
    }
}
