import StateBackendAPI
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps a second controller from a state file for as long as the first one's process lives, and not longer.
///
/// A file of its own beside the database: a lock on the database itself would end when any part of the process closes it.
final class ControllerLock: Sendable {
    enum Holder: Sendable, Equatable {
        case thisStore, anotherController
        /// The file system keeps no locks.
        case unknown
    }

    private let path: String
    private let descriptor = Mutex<CInt?>(nil)

    /// - Parameter path: of the database.
    init(besides path: String) { self.path = path + ".controller" }

    deinit { release() }

    /// Takes the lock if it is free, and says who has it.
    func take() throws(StateBackendError) -> Holder {
        let result = descriptor.withLock { descriptor -> Result<Holder, StateBackendError> in
            if descriptor != nil { return .success(.thisStore) }
            let opened = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            guard opened >= 0 else {
                return .failure(StateBackendError(errno: errno, "The lock of the controller, \(path), cannot be made"))
            }
            if flock(opened, LOCK_EX | LOCK_NB) == 0 {
                descriptor = opened
                return .success(.thisStore)
            }
            let isHeld = errno == EWOULDBLOCK
            close(opened)
            return .success(isHeld ? .anotherController : .unknown)
        }
        return try result.get()
    }

    func release() {
        descriptor.withLock { descriptor in
            if let opened = descriptor { close(opened) }
            descriptor = nil
        }
    }
}
