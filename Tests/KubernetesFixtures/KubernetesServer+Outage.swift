import Foundation

extension KubernetesServer {
    /// A program of the cluster that has been killed, with what it was started with.
    public struct Killed: Sendable {
        fileprivate let name: String
        fileprivate let words: [String]
    }

    private var folder: URL { URL(fileURLWithPath: kubeconfig).deletingLastPathComponent() }
    private var list: URL { folder.appendingPathComponent("pids") }

    /// Kills a program of a cluster that nobody else uses (`own()`).
    public func kill(_ name: String) throws -> Killed {
        let lines = try String(contentsOf: list, encoding: .utf8).split(separator: "\n")
        guard let line = lines.last(where: { $0.hasPrefix(name + " ") }),
            let pid = Int32(line.dropFirst(name.count + 1))
        else { throw KubernetesFixtureFailure("no \(name) runs") }
        let words = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")).split(separator: 0)
        guard Foundation.kill(pid, SIGKILL) == 0 else { throw KubernetesFixtureFailure("\(name) cannot be killed") }
        return Killed(name: name, words: words.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Starts it again as it was; it ends with the cluster.
    public func start(_ killed: Killed) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: killed.words[0])
        process.arguments = Array(killed.words.dropFirst())
        let log = folder.appendingPathComponent("\(killed.name)-again.log")
        guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
            throw KubernetesFixtureFailure("\(log.path) cannot be written")
        }
        let output = try FileHandle(forWritingTo: log)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let file = try FileHandle(forWritingTo: list)
        try file.seekToEnd()
        try file.write(contentsOf: Data("\(killed.name) \(process.processIdentifier)\n".utf8))
        try file.close()
    }

    /// Ends it at once, and removes what it has made.
    public func end() async throws {
        let folder = folder.path
        try await Task.detached { try KubernetesServer.finish("kubernetes", ["down", folder]) }.value
    }
}
