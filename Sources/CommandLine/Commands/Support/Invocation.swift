internal import Operations
internal import PlumbModel
internal import Reporting

#if canImport(Glibc)
    internal import Glibc
#endif

/// What every command of this process shares: what the binary was built with, and its environment.
enum Invocation {
    @TaskLocal static var capabilities = Capabilities(providers: [], stateBackends: [], version: "0")

    static let environment: [String: String] = {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }()

    /// Seconds since 1970.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Who runs this process.
    static var holder: LeaseHolder {
        let user =
            [environment["USER"], environment["LOGNAME"], accountName].compactMap(\.self).first { !$0.isEmpty }
            ?? "uid\(getuid())"
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, 255) == 0
        let host = isKnown ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
        return LeaseHolder.current(user: user, host: host)
    }

    /// As the system knows the user: services and containers often have no `USER`.
    private static var accountName: String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let base = buffer.baseAddress, getpwuid_r(getuid(), &entry, base, buffer.count, &found) == 0,
                found != nil
            else { return nil }
            return entry.pw_name.map { String(cString: $0) }
        }
    }

    /// Judges the plans of this process.
    static var policies: PolicyJudge {
        PolicyJudge(environment: environment) { PlanJSON($0, in: $1, showsSensitive: false).text() }
    }

    /// Shows problems on standard error.
    static func report(_ diagnostics: Diagnostics, _ console: Console = Console(noColorFlag: false, quiet: false)) {
        guard !diagnostics.isEmpty else { return }
        console.writeError(DiagnosticReport(diagnostics.sortedBySource()).render(console.error))
    }
}
