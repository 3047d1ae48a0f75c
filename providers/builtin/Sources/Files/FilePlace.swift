import PlumbModel
import ProviderAPI
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One place in the file system, and the blocking calls on it. Never follows a symbolic link at its last step.
struct FilePlace: Sendable {
    /// As the spec writes it, for messages.
    let name: String
    private let path: String

    /// - Throws: `invalid` where no file can have this name.
    init(_ name: String, in directory: String) throws(ProviderError) {
        guard !name.isEmpty else { throw ProviderError(.invalid, "filename is empty.") }
        guard !name.utf8.contains(0) else {
            throw ProviderError(.invalid, "filename has a NUL character in it, which no file's name can have.")
        }
        let last = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard last != "", last != ".", last != ".." else {
            throw ProviderError(.invalid, "filename \"\(name)\" names a directory, not a file in it.")
        }
        guard last.utf8.count <= 255 else {
            throw ProviderError(
                .invalid, "filename \"\(last.prefix(32))…\" has \(last.utf8.count) bytes; file systems allow 255.")
        }
        self.name = name
        self.path = name.hasPrefix("/") ? name : directory + "/" + name
    }

    /// What stands at the place.
    enum Occupant {
        case nothing
        case file(permissions: UInt32)
        case link(target: String)
        case directory
        /// A pipe, socket or device.
        case special
    }

    func occupant() throws(ProviderError) -> Occupant {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .nothing }
            throw failure("look at", errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(permissions: UInt32(status.st_mode) & 0o7777)
        case S_IFLNK: return .link(target: linkTarget())
        case S_IFDIR: return .directory
        default: return .special
        }
    }

    private func linkTarget() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Why a place that is taken by something else cannot be used.
    func obstacle(_ what: String) -> ProviderError {
        ProviderError(
            .conflict, "\(what) is at \(name), where the file belongs. Move it away, or choose another filename.")
    }

    /// Reads the file in pieces; false where there is none.
    func read(_ take: (UnsafeRawBufferPointer) -> Void) throws(ProviderError) -> Bool {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw failure("read", errno)
        }
        defer { close(file) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = readBytes(file, buffer)
            if count == 0 { return true }
            if count > 0 {
                take(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
            } else if errno != EINTR {
                throw failure("read", errno)
            }
        }
    }

    /// Writes the whole file beside its place and renames it, so that at any instant the old or the new one is there.
    ///
    /// - Parameter mark: names the temporary file, so that a later run can remove what a killed one left.
    func write(
        _ bytes: [UInt8], permissions: UInt32, directoryPermissions: UInt32, mark: String
    ) throws(ProviderError) {
        try makeDirectories(permissions: directoryPermissions)
        let temporary = temporaryPath(mark)
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("write", errno) }
        do throws(ProviderError) {
            defer { close(file) }
            try write(bytes, to: file)
            guard fchmod(file, mode_t(permissions)) == 0, fsync(file) == 0 else { throw failure("write", errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw code == EISDIR ? obstacle("A directory") : failure("write", code)
        }
        syncDirectory()
    }

    private func write(_ bytes: [UInt8], to file: CInt) throws(ProviderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(file, $0) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw failure("write", errno)
            }
        }
    }

    /// Removes the file or link; nothing there is as good.
    func remove() throws(ProviderError) {
        guard unlink(path) != 0 else { return syncDirectory() }
        if errno == ENOENT || errno == ENOTDIR { return }
        throw failure("delete", errno)
    }

    func removeTemporary(_ mark: String) { unlink(temporaryPath(mark)) }

    private var parent: String { FilePath(path).removingLastComponent().string }

    private func temporaryPath(_ mark: String) -> String {
        let safe = mark.utf8.filter { $0 != UInt8(ascii: "/") && $0 != 0 }.prefix(64)
        return parent + "/.plumb-" + String(decoding: safe, as: UTF8.self)
    }

    private func makeDirectories(permissions: UInt32) throws(ProviderError) {
        var missing: [String] = []
        var directory = FilePath(parent)
        var status = stat()
        while stat(directory.string, &status) != 0, errno == ENOENT, directory.lastComponent != nil {
            missing.append(directory.string)
            directory.removeLastComponent()
        }
        for path in missing.reversed() {
            // Another resource may make the same directory at the same time.
            if mkdir(path, mode_t(permissions)) == 0 {
                chmod(path, mode_t(permissions))
            } else if errno != EEXIST {
                throw failure("make the directory of", errno)
            }
        }
    }

    /// A rename is lasting only when its directory is. Some file systems cannot sync one; the file itself is safe.
    private func syncDirectory() {
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private func failure(_ action: String, _ code: CInt) -> ProviderError {
        let reason = Errno(rawValue: code).description
        let message = "Cannot \(action) \(name): \(reason)."
        switch code {
        case EACCES, EPERM, EROFS:
            return ProviderError(
                .unauthorized, message + " Check who owns it and its directory, and their permissions.")
        case ENOTDIR: return ProviderError(.conflict, message + " A part of its path is a file.")
        case ELOOP: return ProviderError(.conflict, message + " Symbolic links are in the way.")
        case ENAMETOOLONG, EINVAL: return ProviderError(.invalid, message)
        case EMFILE, ENFILE, EINTR, EAGAIN: return ProviderError(.unavailable, message, isRetryable: true)
        default: return ProviderError(.unavailable, message)
        }
    }
}

// The C functions bear names that the methods above shadow.
private func readBytes(_ file: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(file, buffer.baseAddress, buffer.count)
}

private func writeBytes(_ file: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(file, buffer.baseAddress, buffer.count)
}
