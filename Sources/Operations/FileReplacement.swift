public import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// Replaces the content of a file in one step: whoever reads it, or a crash, finds the old or the new, never a part.
public enum FileReplacement {
    /// A file that is there keeps its mode, a new one gets the usual one. Where `path` is a symbolic link, what it
    /// points to is replaced. What is no regular file, such as `/dev/stdout`, is written to as it is.
    ///
    /// - Parameter mode: of a new file, before the process's mask.
    public static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o666
    ) async throws(Diagnostics) {
        try await BlockingWork.run { () throws(Diagnostics) in try replace(path, with: bytes, newMode: mode) }
    }

    /// Whether a regular file stands at a path. What is none, such as `/dev/stdout`, is there to be written to.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// As `write`, on a thread that may block.
    static func replace(_ path: String, with bytes: [UInt8], newMode: UInt32 = 0o666) throws(Diagnostics) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        guard isThere || errno == ENOENT else { throw failure(path, "found") }
        guard !isThere || status.st_mode & S_IFMT == S_IFREG else { return try writeThrough(bytes, to: path) }
        let target = isThere ? try resolved(path) : path
        let temporary = target + ".plumb-\(getpid())-\(UInt32.random(in: .min ... .max))"
        let mode = isThere ? status.st_mode & 0o777 : newMode
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, "written") }
        var isWritten = writeAll(bytes, to: descriptor)
        if isThere { isWritten = isWritten && fchmod(descriptor, status.st_mode & 0o7777) == 0 }
        isWritten = isWritten && fsync(descriptor) == 0
        let problem = failure(path, "written")
        // The owner is kept where the system lets us; a file of our own is as good.
        if isThere, isWritten, status.st_uid != geteuid() || status.st_gid != getegid() {
            _ = fchown(descriptor, status.st_uid, status.st_gid)
        }
        close(descriptor)
        guard isWritten, rename(temporary, target) == 0 else {
            let reason = isWritten ? failure(path, "replaced") : problem
            unlink(temporary)
            throw reason
        }
    }

    private static func resolved(_ path: String) throws(Diagnostics) -> String {
        guard let resolved = realpath(path, nil) else { throw failure(path, "found") }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func writeThrough(_ bytes: [UInt8], to path: String) throws(Diagnostics) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "written") }
        defer { close(descriptor) }
        guard writeAll(bytes, to: descriptor) else { throw failure(path, "written") }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = systemWrite(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }

    private static func failure(_ path: String, _ verb: String) -> Diagnostics {
        Diagnostics(
            .error(
                "File cannot be written",
                "\"\(path)\" cannot be \(verb): \(String(cString: strerror(errno))). It was left as it was."))
    }
}

/// The system's `write`, told apart from the method of the same name.
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
