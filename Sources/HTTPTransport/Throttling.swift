/// What an answer says about how much its server wants to be asked.
struct Throttling {
    /// The server did nothing because it was asked too much: 429; 503 with a time; 403 of a spent quota.
    let isRefusal: Bool
    /// How long it wants to be left alone, as far as it says.
    let pause: Duration?

    /// Nil where the answer says nothing of the kind.
    init?(status: Int, headers: HTTPHeaders) {
        let asked = headers["Retry-After"].flatMap(Throttling.time)
        let quota = Throttling.spentQuota(headers)
        isRefusal =
            status == 429 || (status == 503 && asked != nil) || (status == 403 && (quota != nil || asked != nil))
        guard isRefusal || quota != nil else { return nil }
        pause = asked ?? quota ?? nil
    }

    /// The time until a quota that is used up is filled again: outer nil where none is told to be used up.
    ///
    /// Three spellings: `RateLimit-Remaining` and `RateLimit-Reset`, the same after `X-`, and in one header
    /// `RateLimit: limit=10, remaining=0, reset=7` or `"default";r=0;t=7`.
    private static func spentQuota(_ headers: HTTPHeaders) -> Duration?? {
        for header in headers where isQuota(header.name) {
            let name = header.name.lowercased()
            if name == "ratelimit" {
                let parts = parameters(header.value)
                guard (parts["remaining"] ?? parts["r"]) == 0 else { continue }
                return .some((parts["reset"] ?? parts["t"]).map(time(quota:)))
            }
            guard name.hasSuffix("ratelimit-remaining"), Int(header.value) == 0 else { continue }
            let reset = headers[String(header.name.dropLast("remaining".count)) + "reset"]
            return .some(reset.flatMap { Int($0) }.map(time(quota:)))
        }
        return nil
    }

    /// Quick, because every header of every answer is asked.
    private static func isQuota(_ name: String) -> Bool {
        guard let first = name.utf8.first, first | 0x20 == UInt8(ascii: "r") || first | 0x20 == UInt8(ascii: "x")
        else { return false }
        return name.utf8.count >= 9 && name.lowercased().contains("ratelimit")
    }

    private static func parameters(_ text: String) -> [Substring: Int] {
        let parts = text.split { $0 == "," || $0 == ";" || $0 == " " }.map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(
            parts.compactMap { part in part.count == 2 ? Int(part[1]).map { (part[0], $0) } : nil },
            uniquingKeysWith: { first, _ in first })
    }

    /// Seconds from now, or since 1970, as servers use both.
    private static func time(quota seconds: Int) -> Duration {
        let now = HTTPDate.now
        let wait = seconds > now / 2 ? seconds - now : seconds
        return .seconds(min(max(0, wait), 86_400 * 365))
    }

    /// `Retry-After` in seconds, or as a date of RFC 9110 (`Sun, 06 Nov 1994 08:49:37 GMT`).
    static func time(_ text: String) -> Duration? {
        if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 86_400 * 365)) }
        return HTTPDate.seconds(text).map { .seconds(max(0, $0 - HTTPDate.now)) }
    }
}
