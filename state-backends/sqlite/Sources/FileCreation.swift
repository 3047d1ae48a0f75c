import StateBackendAPI
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes the database file and its folders readable by nobody else: states hold secrets.
enum FileCreation {
    /// POSIX locks end when any descriptor of the file is closed, ours below too: so no connection of this process
    /// may open the file between its creation and that close.
    private static let oneAtATime = Mutex(())

    static func create(_ path: String) throws(StateBackendError) {
        let failure = oneAtATime.withLock { _ -> StateBackendError? in
            do throws(StateBackendError) {
                guard try FileIdentity(path) == nil else { return nil }
                try createFolder(parent(of: path))
                try createFile(path)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private static func createFolder(_ path: String) throws(StateBackendError) {
        guard try FileIdentity.exists(path) == false else { return }
        try createFolder(parent(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw StateBackendError(errno: errno, "The folder \(path) cannot be made")
        }
        try synchronise(parent(of: path))
    }

    private static func createFile(_ path: String) throws(StateBackendError) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            // Another process was faster.
            if errno == EEXIST { return }
            throw StateBackendError(errno: errno, "The state file \(path) cannot be made")
        }
        close(descriptor)
        try synchronise(parent(of: path))
    }

    /// Makes a new name in the folder survive a power cut.
    private static func synchronise(_ folder: String) throws(StateBackendError) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StateBackendError(errno: errno, "The folder \(folder) cannot be opened") }
        defer { close(descriptor) }
        // Some file systems have nothing to write for a folder and say EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw StateBackendError(errno: errno, "The folder \(folder) cannot be written")
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// Which file stands at a path: changes when it is replaced.
struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// Nil where no file is; throws where something else is, or where we may not look.
    init?(_ path: String) throws(StateBackendError) {
        guard let found = try FileIdentity.status(path) else { return nil }
        guard found.st_mode & S_IFMT == S_IFREG else {
            throw StateBackendError(
                .unavailable, "\(path) is not a file. The state must be a file: choose another place for it.")
        }
        device = UInt64(found.st_dev)
        number = UInt64(found.st_ino)
    }

    static func exists(_ path: String) throws(StateBackendError) -> Bool { try status(path) != nil }

    private static func status(_ path: String) throws(StateBackendError) -> stat? {
        var found = stat()
        if stat(path, &found) == 0 { return found }
        if errno == ENOENT { return nil }
        throw StateBackendError(errno: errno, "\(path) cannot be looked at")
    }
}

extension StateBackendError {
    init(errno code: CInt, _ what: String) {
        let reason = String(cString: strerror(code))
        switch code {
        case EROFS, ENOSPC, EDQUOT:
            self.init(.notWritable, "\(what): \(reason). Free some space or choose a place that can be written.")
        default:
            self.init(.unavailable, "\(what): \(reason). Check the path and its permissions.")
        }
    }
}
