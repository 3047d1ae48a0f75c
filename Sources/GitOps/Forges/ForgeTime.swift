internal import HTTPTransport
internal import PlumbModel

/// The times that forges tell.
enum ForgeTime {
    /// Seconds since 1970; 0 for what is no time, so that it counts as old.
    static func seconds(_ text: String?) -> Double {
        text.flatMap { HTTPDate.seconds(rfc3339: $0) }.map(Double.init) ?? 0
    }

    /// Of GitLab's webhooks, which write `2026-11-21 15:04:05 UTC` at times.
    static func seconds(gitLab text: String?) -> Double {
        guard let text else { return 0 }
        if let seconds = HTTPDate.seconds(rfc3339: text) { return Double(seconds) }
        return InstantText.seconds(parsing: text.hasSuffix(" UTC") ? String(text.dropLast(4)) : text) ?? 0
    }

    static var now: Double { Double(HTTPDate.now) }
}
