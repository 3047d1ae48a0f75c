/// Takes secrets out of texts that people will see.
public struct Redaction: Sendable {
    private let secrets: [String]

    /// Secrets shorter than this are not searched for: they would stand everywhere.
    private static let shortestSecret = 4
    static let mark = "(sensitive)"

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

    /// A body as a log may show it: known secrets are left out, and so is what stands under a name of a secret.
    func body(_ text: String) -> String {
        self.text(SensitiveFields.redacted(text))
    }

    /// A header's value as a log may show it.
    func header(_ header: HTTPHeaders.Header) -> String {
        let name = header.name.lowercased()
        if Redaction.hiddenHeaders.contains(name) || SensitiveFields.isSensitive(name) { return Redaction.mark }
        return text(name == "location" ? Redaction.withoutSecretParts(header.value) : header.value)
    }

    private static let hiddenHeaders: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "set-cookie", "authentication-info",
    ]

    /// The URL without `user:password@`, and without the values of parameters that bear a name of a secret.
    static func withoutSecretParts(_ url: String) -> String {
        var url = url
        if let scheme = url.utf8.firstRange(of: "://".utf8) {
            let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            if let at = authority.lastIndex(of: "@") { url = url[..<scheme.upperBound] + mark + url[at...] }
        }
        guard let question = url.firstIndex(of: "?") else { return url }
        return url[...question] + SensitiveFields.redactedForm(url[url.index(after: question)...])
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
