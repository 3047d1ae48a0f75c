import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Lets one process at a time write to a folder. The system gives the lock back when a process dies.
final class FolderLock {
    private let descriptor: Int32

    /// Waits until the lock is free.
    ///
    /// - Parameter use: of the folder, for people.
    init(_ path: String, _ use: CacheUse, waiting: () throws(Diagnostics) -> Void) throws(Diagnostics) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Diagnostics(use.unwritable(path)) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw Diagnostics(use.unwritable(path)) }
            try waiting()
            usleep(50_000)
        }
    }

    deinit { close(descriptor) }
}
