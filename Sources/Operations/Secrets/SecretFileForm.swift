internal import Age

#if canImport(Glibc)
    internal import Glibc
#endif

/// Tells the formats of encrypted files apart.
enum SecretFileForm {
    static func isAge(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "age-encryption.org/".utf8) || AgeArmor.isArmored(bytes)
    }

    /// Whether a file's values can be encrypted one by one.
    static func isStructured(_ path: String) -> Bool {
        [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) }
    }
}

/// Now, as SOPS writes it: RFC 3339 in UTC, in whole seconds.
enum SecretMoment {
    static func now() -> String { text(Int(WallClock.now())) }

    private static func text(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
