/// Takes secrets out of texts that people will see.
public struct Redaction: Sendable {
    private let secrets: [String]

    /// Secrets shorter than this are not searched for: they would stand everywhere.
    private static let shortestSecret = 4
    private static let mark = "(sensitive)"

    public init(secrets: [String]) {
        let long = secrets.filter { $0.utf8.count >= Redaction.shortestSecret }
        // JSON within a string of JSON is common enough.
        let spellings = long.flatMap { secret in
            let inJSON = Redaction.asInJSON(secret)
            return [secret, inJSON, Redaction.asInJSON(inJSON), URLText.escaped(secret)]
        }
        // The longest first, so that a secret within another leaves nothing of it behind.
        self.secrets = Set(spellings).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    public func text(_ text: String) -> String {
        secrets.reduce(text) { Redaction.replace($1, in: $0) }
    }

    /// A header's value as a log may show it.
    func header(_ header: HTTPHeaders.Header) -> String {
        Redaction.hiddenHeaders.contains(header.name.lowercased()) ? Redaction.mark : text(header.value)
    }

    private static let hiddenHeaders: Set<String> = [
        "authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token", "x-subject-token", "cookie",
        "set-cookie", "private-token", "x-vault-token", "x-amz-security-token",
    ]

    /// The URL without `user:password@`.
    static func withoutCredentials(_ url: String) -> String {
        guard let scheme = url.utf8.firstRange(of: "://".utf8) else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return url[..<scheme.upperBound] + "(sensitive)" + url[at...]
    }

    private static func replace(_ secret: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.utf8.firstRange(of: secret.utf8) {
            result += rest[..<found.lowerBound] + mark
            rest = rest[found.upperBound...]
        }
        return result + rest
    }

    private static func asInJSON(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "<": escaped += "\\u003c"
            case ">": escaped += "\\u003e"
            case "&": escaped += "\\u0026"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension BidirectionalCollection where Element == UInt8 {
    /// The first place where `other` stands.
    func firstRange(of other: some Collection<UInt8>) -> Range<Index>? {
        guard let first = other.first else { return nil }
        var start = startIndex
        while let hit = self[start...].firstIndex(of: first) {
            if self[hit...].starts(with: other) { return hit..<index(hit, offsetBy: other.count) }
            start = index(after: hit)
        }
        return nil
    }
}
