#if canImport(Glibc)
    internal import Glibc
#endif

/// Sees to it that a crash shows nothing of the memory, which holds secrets.
enum CrashSilence {
    /// No core file is written, and no backtrace with what registers point to. `SWIFT_BACKTRACE` asks for one all the same.
    static func begin() {
        var limit = rlimit()
        // Soft, so that a program that is run may raise it again.
        if getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 {
            limit.rlim_cur = 0
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        }
        guard Invocation.environment["SWIFT_BACKTRACE"] == nil else { return }
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
    }
}
