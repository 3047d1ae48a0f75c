import Foundation
import Testing

/// A file system in memory that is full or read-only whenever a test wants; unmounted with the test.
final class SmallDisk: Sendable {
    let path: String

    /// Why none can be made here; nil where one can.
    static func obstacle() async throws -> String? {
        guard geteuid() == 0 else { return "only root may mount file systems" }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plumb-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = await (try mount(["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])).result()
        guard result.code == 0 else { return "file systems cannot be mounted here: \(result.errors)" }
        unmount(folder.path)
        return nil
    }

    /// - Parameter path: a folder, made if it is missing.
    init(at path: String, kilobytes: Int) async throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let options = "size=\(kilobytes)k,mode=0700"
        let result = await (try Self.mount(["-t", "tmpfs", "-o", options, "tmpfs", path])).result()
        try #require(result.code == 0, "\(result.errors)")
    }

    deinit { Self.unmount(path) }

    /// Leaves so much space and no more.
    func fill(leaving kilobytes: Int) throws {
        var status = statvfs()
        try #require(statvfs(path, &status) == 0)
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let ballast = Data(count: max(0, free - kilobytes * 1024))
        try ballast.write(to: URL(fileURLWithPath: ballastPath))
    }

    func empty() throws { try FileManager.default.removeItem(atPath: ballastPath) }

    func setReadOnly(_ isReadOnly: Bool) async throws {
        let result = await (try Self.mount(["-o", "remount,\(isReadOnly ? "ro" : "rw")", path])).result()
        try #require(result.code == 0, "\(result.errors)")
    }

    private var ballastPath: String { path + "/ballast" }

    private static func mount(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess("mount", arguments, in: "/", environment: Plumb.environment, deadline: 30)
    }

    private static func unmount(_ path: String) { umount2(path, Int32(MNT_DETACH)) }
}
