public import Foundation

/// The real gateway, on a Unix socket in a folder of its own. Ends with whoever holds it.
public final class GatewayProcess: @unchecked Sendable {
    public let folder: URL
    public let socket: String
    /// Below it lie pools.
    public let pools: URL
    private let process = Process()

    /// It did not begin to listen.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// `folder` is made where it is missing; with one that is there the gateway goes on where another has ended.
    ///
    /// - Parameter network: the file of the network namespace that it runs in, for what it does to bridges; nil: the test's.
    public init(uri: String, folder: URL? = nil, network: URL? = nil, _ more: [String] = []) throws {
        self.folder =
            folder
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("gw-\(UUID().uuidString.prefix(8))")
        socket = self.folder.appendingPathComponent("s").path
        pools = self.folder.appendingPathComponent("pools")
        let consoles = self.folder.appendingPathComponent("consoles")
        for made in [pools, consoles] {
            try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        }
        let enter = network.map { ["--net=\($0.path)", GatewayProcess.binary.path] } ?? []
        process.executableURL = enter.isEmpty ? GatewayProcess.binary : URL(fileURLWithPath: "/usr/bin/nsenter")
        process.arguments =
            enter + [
                "serve", "--connect", uri, "--socket", socket, "--pool-root", pools.path, "--console-folder",
                consoles.path,
                "--log-level", "debug",
            ] + more
        let log = self.folder.appendingPathComponent("log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let handle = try FileHandle(forWritingTo: log)
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        // The test runner waits until nobody holds its output any more.
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try Leftovers.add(process.processIdentifier, self.folder)
    }

    /// Beside the tests, or what PLUMB_GATEWAY names: a build with a sanitizer.
    public static let binary: URL = {
        if let named = ProcessInfo.processInfo.environment["PLUMB_GATEWAY"] { return URL(fileURLWithPath: named) }
        // Both the test bundle and the binary are in the build folder; how the runner was started differs.
        let bundles = CommandLine.arguments.filter { $0.hasSuffix(".xctest") } + Bundle.allBundles.map(\.bundlePath)
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folders = (bundles + [executable, CommandLine.arguments.first ?? ""]).map {
            URL(fileURLWithPath: $0).deletingLastPathComponent()
        }
        let places = folders.map { $0.appendingPathComponent("plumb-libvirt-gateway") }
        return places.first { FileManager.default.isExecutableFile(atPath: $0.path) }
            ?? URL(fileURLWithPath: ".build/debug/plumb-libvirt-gateway")
    }()

    public var processIdentifier: Int32 { process.processIdentifier }

    public var log: String {
        (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }

    /// Resident memory in bytes, the most it ever had; 0 for a build that PLUMB_GATEWAY names: a sanitizer has its own needs.
    public var peakMemory: Int {
        guard ProcessInfo.processInfo.environment["PLUMB_GATEWAY"] == nil else { return 0 }
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    public func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// As a service manager asks for it. The exit status; nil where it had to be killed.
    public func stop() async -> Int32? {
        process.terminate()
        for _ in 0..<200 where process.isRunning { try? await Task.sleep(for: .milliseconds(100)) }
        guard !process.isRunning else {
            kill()
            return nil
        }
        return process.terminationStatus
    }

    deinit {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }
}
