import Foundation

/// What a guest has written on its serial console since its start.
struct ConsoleLog: Sendable, Encodable {
    let text: String
    /// Where to go on.
    let next: Int
    let size: Int

    /// Bytes from `offset` on; what is no UTF-8 is replaced.
    static func read(_ path: String, offset: Int, limit: Int) throws(Problem) -> ConsoleLog {
        // Nobody else may put a link there for us to follow.
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return ConsoleLog(text: "", next: 0, size: 0) }
            throw Problem.conflict("The console's file cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = pread(file, &bytes, limit, off_t(offset))
        guard count >= 0 else {
            throw Problem.conflict("The console's file cannot be read: \(String(cString: strerror(errno))).")
        }
        return ConsoleLog(
            text: String(decoding: bytes.prefix(count), as: UTF8.self), next: offset + count, size: size)
    }
}
