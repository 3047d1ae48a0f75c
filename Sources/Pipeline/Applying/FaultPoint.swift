#if DEBUG || FAULT_POINTS
    internal import Synchronization

    #if canImport(Glibc)
        internal import Glibc
    #endif

    /// Ends the process at a named journal step, as a power cut would: for the tests that kill the real binary there. Optimised
    /// builds have it only with `-Xswiftc -DFAULT_POINTS`.
    ///
    /// `PLUMB_FAULT=before-call:17` kills it when that step is reached for the 17th time.
    public enum FaultPoint {
        private static let wanted: (name: String, count: Int)? = {
            guard let text = getenv("PLUMB_FAULT").map({ String(cString: $0) }) else { return nil }
            let parts = text.split(separator: ":")
            guard parts.count == 2, let count = Int(parts[1]) else { return nil }
            return (String(parts[0]), count)
        }()
        private static let reached = Atomic<Int>(0)

        public static func reach(_ name: String) {
            guard let wanted, wanted.name == name else { return }
            if reached.add(1, ordering: .relaxed).newValue == wanted.count { kill(getpid(), SIGKILL) }
        }
    }
#else
    /// Present in test builds alone; here it costs nothing.
    public enum FaultPoint {
        @inlinable public static func reach(_ name: StaticString) {}
    }
#endif
