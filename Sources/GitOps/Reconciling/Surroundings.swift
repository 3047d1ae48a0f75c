internal import Loading
internal import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// The machine and the moment in which a configuration is read: what of the things that it takes for granted is not so.
struct Surroundings: Sendable {
    let environment: [String: String]
    /// Seconds since 1970.
    let now: Double

    /// Blocks. What may be otherwise where the controller runs, is a warning.
    func problem(with assumption: Assumption, at range: SourceRange) -> Diagnostic? {
        switch assumption {
        case .variable(let name):
            guard environment[name]?.isEmpty ?? true else { return nil }
            return .warning(
                "Environment variable is not set",
                "\(name) is not set here, or empty. Set it where the controller runs.", at: range)
        case .file(let path):
            guard access(path, R_OK) != 0 else { return nil }
            let reason = String(cString: strerror(errno))
            return .warning(
                "File cannot be read",
                "\(path) cannot be read here: \(reason). Put it there where the controller runs, or mend the path.",
                at: range)
        case .timeZone(let name):
            guard TimeZoneRules.named(name) == nil else { return nil }
            let known = TimeZoneRules.names()
            return .error(
                "Unknown time zone",
                known.isEmpty
                    ? "This system has no time zone database to look \"\(name)\" up in. Install the package tzdata."
                    : "There is no time zone \"\(name)\". Zones are called like `Europe/Berlin`, or `UTC`."
                        + Suggestion.didYouMean(name, among: known), at: range)
        case .before(let end):
            guard end <= now else { return nil }
            return .warning(
                "Token has expired",
                "It lets nobody in since \(InstantText.utc(end)). Write a later date, or remove the token.", at: range)
        }
    }
}
