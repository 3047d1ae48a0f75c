#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lets a thread of our own stand still for a moment.
enum BlockingPause {
    static func wait(seconds: Double) { usleep(UInt32(max(0, min(seconds, 1)) * 1_000_000)) }
}
