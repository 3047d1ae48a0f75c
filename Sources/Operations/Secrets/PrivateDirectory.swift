internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#endif

/// A directory that only this user can look into, in memory where the system has such a place.
struct PrivateDirectory: Sendable {
    private static let prefix = "plumb-secret-"

    let path: String
    /// Whether what is written there never reaches a disk.
    let isInMemory: Bool

    static func make(_ environment: [String: String]) throws(Diagnostics) -> PrivateDirectory {
        var problem = ""
        let places = [environment["XDG_RUNTIME_DIR"], "/dev/shm", environment["TMPDIR"], "/tmp"]
        for case let place? in places where place.hasPrefix("/") {
            removeLeftovers(in: place)
            var template = Array("\(place)/\(prefix)\(getpid())-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else {
                if problem.isEmpty { problem = "\(place): \(String(cString: strerror(errno)))" }
                continue
            }
            let path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return PrivateDirectory(
                path: path, isInMemory: place == "/dev/shm" || place == environment["XDG_RUNTIME_DIR"])
        }
        throw Diagnostics(
            .error(
                "No place to edit in",
                "No directory could be made for the clear text (\(problem)). Set TMPDIR to one that can be written."))
    }

    /// What a run that was killed has left.
    private static func removeLeftovers(in place: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] where name.hasPrefix(prefix) {
            let owner = name.dropFirst(prefix.count).prefix { $0.isNumber }
            var status = stat()
            guard let process = pid_t(String(owner)), process > 0, kill(process, 0) != 0, errno == ESRCH,
                lstat(place + "/" + name, &status) == 0, status.st_uid == geteuid()
            else { continue }
            try? FileManager.default.removeItem(atPath: place + "/" + name)
        }
    }

    /// Writes a file that nobody else can read.
    func write(_ bytes: [UInt8], to name: String) throws(Diagnostics) -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        var isWritten = descriptor >= 0
        if isWritten {
            isWritten = bytes.withUnsafeBytes { buffer in
                var offset = 0
                while offset < buffer.count {
                    let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    offset += count
                }
                return true
            }
            close(descriptor)
        }
        guard isWritten else {
            throw Diagnostics(
                .error(
                    "Cannot write the clear text", "\(file) cannot be written: \(String(cString: strerror(errno)))."))
        }
        return file
    }

    /// Removes it with all that is in it, such as what an editor keeps beside a file.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
