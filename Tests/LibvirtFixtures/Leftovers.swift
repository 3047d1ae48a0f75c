import Foundation
import Synchronization

/// Ends gateways and removes their folders when the test process has ended, however that came.
enum Leftovers {
    /// Lines of a process and its folder; a shell reads them when nobody writes them any more.
    private struct Watch {
        let list: URL
        let watcher: Process
    }

    private static let watch = Mutex<Watch?>(nil)

    private static let script = """
        while case $(ps -o stat= -p "$1") in "" | Z*) false ;; esac; do sleep 1; done
        while read -r pid folder; do
            case $(cat "/proc/$pid/comm" 2>/dev/null) in plumb-libvirt-g*) kill -9 "$pid" ;; esac
            rm -rf "$folder"
        done <"$0"
        rm -f "$0"
        """

    static func add(_ process: Int32, _ folder: URL) throws {
        try watch.withLock { watch in
            let current = try watch ?? begin()
            watch = current
            let file = try FileHandle(forWritingTo: current.list)
            defer { try? file.close() }
            try file.seekToEnd()
            try file.write(contentsOf: Data("\(process) \(folder.path)\n".utf8))
        }
    }

    private static func begin() throws -> Watch {
        let list = FileManager.default.temporaryDirectory.appendingPathComponent("gateways-\(UUID().uuidString)")
        try Data().write(to: list)
        let watcher = Process()
        watcher.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        watcher.arguments = ["/bin/sh", "-c", script, list.path, String(ProcessInfo.processInfo.processIdentifier)]
        watcher.standardInput = FileHandle.nullDevice
        watcher.standardOutput = FileHandle.nullDevice
        watcher.standardError = FileHandle.nullDevice
        try watcher.run()
        return Watch(list: list, watcher: watcher)
    }
}
