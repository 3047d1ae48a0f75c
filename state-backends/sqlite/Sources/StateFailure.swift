import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension StateBackendError {
    /// Tells an error of SQLite apart by its result code, and says what to do.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StateBackendError: self = error
        case let error as UnreadableRow:
            self.init(
                .corrupt,
                "The state file \(path) holds a row of the table \(error.table) that cannot be understood "
                    + "(\(error.key)): \(error.reason). Restore the file from a backup.")
        case let error as DatabaseError: self.init(sqlite: error, path: path)
        default: self.init(.failed, "The state file \(path) could not be used: \(error).")
        }
    }

    private init(sqlite error: DatabaseError, path: String) {
        let reason = "SQLite says: \(error.message ?? "nothing") (\(error.extendedResultCode.rawValue))"
        switch error.extendedResultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .busy, "Another process keeps the state file \(path) locked. Try again when it is done. \(reason).")
        case .SQLITE_FULL:
            self.init(
                .notWritable, "No space is left for the state file \(path). Free some and run it again. \(reason).")
        case .SQLITE_READONLY:
            self.init(
                .notWritable,
                "The state file \(path) or its folder is read-only. Make both writable and run it again. \(reason).")
        case .SQLITE_NOTADB:
            self.init(
                .unavailable,
                "\(path) is not a state file: it is no SQLite database. Choose another path, or move it away. \(reason)."
            )
        case .SQLITE_CORRUPT, .SQLITE_FORMAT, .SQLITE_IOERR_CORRUPTFS, .SQLITE_IOERR_DATA:
            self.init(
                .corrupt,
                "The state file \(path) is damaged. Keep a copy of it with its -wal file, and restore a backup. \(reason)."
            )
        case .SQLITE_CANTOPEN where isOnReadOnlyDisk(path):
            self.init(
                .notWritable,
                "The state file \(path) is on a disk that is read-only, and SQLite keeps its log beside it, even to read. "
                    + "Make the disk writable and run it again. \(reason).")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .unavailable,
                "The state file \(path) cannot be opened. Check that it and its folder can be read and written. \(reason)."
            )
        case .SQLITE_IOERR:
            self.init(.failed, "The disk under the state file \(path) failed. Check the disk. \(reason).")
        default: self.init(.failed, "The state file \(path) could not be used. \(reason).")
        }
    }
}

private func isOnReadOnlyDisk(_ path: String) -> Bool { access(path, W_OK) != 0 && errno == EROFS }
