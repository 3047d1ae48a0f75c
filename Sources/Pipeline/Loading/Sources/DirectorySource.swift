public import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files of one directory and the folders in it. Nothing outside is read, also not through `..` or a symbolic link.
public struct DirectorySource: SpecificationSource {
    /// The path as it was given.
    public let name: String
    public var revision: String? { nil }
    public var branch: String? { nil }
    /// The absolute path, symbolic links resolved.
    public let path: String

    /// Throws where there is no such directory.
    public init(path: String) throws(Diagnostics) {
        name = path
        guard !path.utf8.contains(0), let resolved = DirectorySource.resolve(path.isEmpty ? "." : path) else {
            throw Diagnostics(DirectorySource.unreachable(path, error: errno))
        }
        self.path = resolved
        var status = stat()
        guard stat(resolved, &status) == 0 else {
            throw Diagnostics(DirectorySource.unreachable(path, error: errno))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Diagnostics(
                .error(
                    "Not a directory",
                    "\"\(path)\" is a file. A stack is a directory with a file stack.yaml in it: give the directory."))
        }
    }

    public func module(at path: String) throws(Diagnostics) -> any SpecificationSource {
        let full = self.path + "/" + path
        guard DirectorySource.resolve(full) != nil else {
            throw Diagnostics(
                .error(
                    "No such module",
                    "\"\(path)\" leads to no directory.\(DirectorySource.neighbour(of: full, shown: path)) It is relative to "
                        + "the directory of the file in which it stands."))
        }
        return try DirectorySource(path: full)
    }

    public func files(in folder: String) throws(Diagnostics) -> [String] {
        try entries(of: folder) { type, path in isFile(type, path) }
    }

    public func folders(in folder: String) throws(Diagnostics) -> [String] {
        try entries(of: folder) { type, path in
            if Int(type) != Int(DT_UNKNOWN) { return Int(type) == Int(DT_DIR) }
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// What stands directly in a folder and is of a kind, told by its type and its full path.
    private func entries(
        of folder: String, where isWanted: (UInt8, String) -> Bool
    ) throws(Diagnostics) -> [String] {
        let parts = try FileName.parts(of: folder)
        let full = ([path] + parts).joined(separator: "/")
        guard let resolved = DirectorySource.resolve(full) else {
            throw Diagnostics(DirectorySource.unreachable(full, error: errno))
        }
        try confine(resolved, as: folder)
        guard let directory = opendir(resolved) else {
            throw Diagnostics(DirectorySource.unreachable(full, error: errno))
        }
        defer { closedir(directory) }
        let prefix = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
        var files: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes != [0x2E], bytes != [0x2E, 0x2E], let name = try FileName.decode(bytes),
                isWanted(entry.pointee.d_type, resolved + "/" + name)
            {
                files.append(prefix + name)
            }
            errno = 0
        }
        guard errno == 0 else { throw Diagnostics(DirectorySource.unreadable(full, error: errno)) }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    public func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        let parts = try FileName.parts(of: path)
        let full = ([self.path] + parts).joined(separator: "/")
        guard !path.utf8.contains(0), let resolved = DirectorySource.resolve(full) else {
            if errno == ENOENT, !isLink(full) { return nil }
            throw Diagnostics(isLink(full) ? brokenLink(path) : DirectorySource.unreadable(path, error: errno))
        }
        try confine(resolved, as: path)
        // A pipe must not block the opening; what is no regular file is refused below.
        let descriptor = open(resolved, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Diagnostics(DirectorySource.unreadable(path, error: errno)) }
        defer { close(descriptor) }
        return try read(descriptor, path)
    }

    private func read(_ descriptor: Int32, _ path: String) throws(Diagnostics) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Diagnostics(DirectorySource.unreadable(path, error: errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Diagnostics(
                .error(
                    "Not a regular file",
                    "\"\(path)\" is a directory, a pipe or a device. Specs are read from regular files: rename or move it."
                ))
        }
        var bytes: [UInt8] = []
        var capacity = Int(status.st_size) + 1
        // Some files grow while they are read, and those of /proc claim to be empty.
        while true {
            guard bytes.count <= SourceFile.maximumSize, capacity <= SourceFile.maximumSize + 1 else {
                throw Diagnostics(SourceFile.tooLarge(path, size: max(bytes.count, capacity)))
            }
            var failure: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: max(capacity, 65_536)) { buffer, count in
                let result = systemRead(descriptor, buffer.baseAddress, buffer.count)
                count = max(0, result)
                failure = result < 0 ? errno : 0
            }
            if failure == EINTR { continue }
            guard failure == 0 else { throw Diagnostics(DirectorySource.unreadable(path, error: failure)) }
            if chunk.isEmpty { return bytes }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            capacity = 65_536
        }
    }

    private func isFile(_ type: UInt8, _ path: String) -> Bool {
        if Int(type) == Int(DT_DIR) { return false }
        if Int(type) == Int(DT_REG) { return true }
        var status = stat()
        guard stat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT != S_IFDIR
    }

    private func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private func confine(_ resolved: String, as path: String) throws(Diagnostics) {
        if resolved == self.path || self.path == "/" || resolved.hasPrefix(self.path + "/") { return }
        throw Diagnostics(
            .error(
                "Path leads outside",
                "\"\(path)\" is a symbolic link to \"\(resolved)\", outside the directory \"\(name)\". A stack reads only "
                    + "what is in its directory: put the file itself there."))
    }

    private func brokenLink(_ path: String) -> Diagnostic {
        .error(
            "File cannot be read",
            "\"\(path)\" is a symbolic link that leads nowhere. Remove the link, or restore what it points to.")
    }

    /// The absolute path without links; nil with `errno` set where there is none.
    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func unreadable(_ path: String, error: Int32) -> Diagnostic {
        .error(
            "File cannot be read",
            "\"\(path)\" cannot be read: \(String(cString: strerror(error))). "
                + (error == EACCES ? "Give yourself the right to read it." : "Check the file and its disk."))
    }

    private static func unreachable(_ path: String, error: Int32) -> Diagnostic {
        if error == ENOENT {
            return .error(
                "No such directory",
                "There is no directory \"\(path)\".\(neighbour(of: path, shown: path)) Give the path of a stack's directory, or create "
                    + "one with `plumb init`.")
        }
        return .error(
            "Directory cannot be read",
            "\"\(path)\" cannot be read: \(String(cString: strerror(error))). Check the path and your rights to it.")
    }

    /// A directory beside a missing one with a name much like it.
    private static func neighbour(of path: String, shown: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        guard let last = parts.last else { return "" }
        let start = path.hasPrefix("/") ? "/" : ""
        let parent = start + parts.dropLast().joined(separator: "/")
        guard let directory = opendir(parent.isEmpty ? "." : parent) else { return "" }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            guard Int(entry.pointee.d_type) == Int(DT_DIR) else { continue }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            names.append(String(decoding: bytes, as: UTF8.self))
        }
        guard let name = Suggestion.nearest(to: last, among: names) else { return "" }
        return " Did you mean \"\(shown.dropLast(last.count) + name)\"?"
    }
}

/// The system's `read`, which the source's own method of that name hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
