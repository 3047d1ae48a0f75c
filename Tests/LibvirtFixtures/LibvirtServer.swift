public import Foundation

/// The throw-away libvirtd of a test process (`Tests/Services/libvirt`), and the guest that boots on it.
public struct LibvirtServer: Sendable {
    public let uri: String
    /// Where it was made; holds what ends with it.
    public let folder: URL

    /// The file of the network namespace that its bridges are in.
    public var network: URL { folder.appendingPathComponent("server/netns") }

    /// In CI the tests run, and fail, without the server; elsewhere they are skipped visibly.
    public static var isExpected: Bool {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        return getuid() == 0
            && ["/usr/sbin/libvirtd", "/usr/bin/virsh", "/usr/bin/qemu-system-x86_64"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: $0)
            }
    }

    /// The kernel and the initial file system of a small guest.
    public struct Guest: Sendable {
        public let kernel: URL
        public let initrd: URL
    }

    /// A starter failed; it has said why on standard error.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Starts it when first asked.
    public static func shared() async throws -> LibvirtServer { try await started.value }

    /// Makes it when first asked.
    public static func guest() async throws -> Guest { try await builtGuest.value }

    private static let started = Task.detached { try await separate() }

    /// One that no other test uses: to be killed.
    public static func separate() async throws -> LibvirtServer {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "libvirt-\(UUID().uuidString.prefix(8))")
        let pid = String(ProcessInfo.processInfo.processIdentifier)
        let text = try await run("libvirt", ["up", folder.path, pid])
        let uri = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("LIBVIRT_URI=") }
        guard let uri else { throw Failure(description: "libvirtd did not start") }
        return LibvirtServer(uri: String(uri.dropFirst("LIBVIRT_URI=".count)), folder: folder)
    }

    private static let builtGuest = Task.detached {
        let text = try await run("guest-image", ["build"])
        let folder = URL(fileURLWithPath: text.trimmingCharacters(in: .whitespacesAndNewlines))
        return Guest(kernel: folder.appendingPathComponent("vmlinuz"), initrd: folder.appendingPathComponent("initrd"))
    }

    /// libvirtd ends at once; its guests live on.
    public func kill() async throws { _ = try await LibvirtServer.run("libvirt", ["kill", folder.path]) }

    public func restart() async throws { _ = try await LibvirtServer.run("libvirt", ["restart", folder.path]) }

    /// With its guests and all that it holds.
    public func end() async throws { _ = try await LibvirtServer.run("libvirt", ["down", folder.path]) }

    /// What somebody does behind the gateway's back.
    @discardableResult
    public func virsh(_ words: String...) async throws -> String { try await virsh(words: words) }

    @discardableResult
    public func virsh(words: [String]) async throws -> String {
        try await LibvirtServer.run(URL(fileURLWithPath: "/usr/bin/virsh"), ["-q", "-c", uri] + words)
    }

    private static let services = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Services")

    private static func run(_ starter: String, _ arguments: [String]) async throws -> String {
        try await run(services.appendingPathComponent(starter), arguments)
    }

    /// What it has written to its standard output; throws where it fails.
    @discardableResult
    public static func run(_ program: URL, _ arguments: [String]) async throws -> String {
        let outcome = try await WaitedProgram.run(program, arguments)
        guard outcome.status == 0 else {
            let words = ([program.lastPathComponent] + arguments).joined(separator: " ")
            throw Failure(description: "\(words) ended with \(outcome.status)\n\(outcome.output.suffix(2000))")
        }
        return outcome.output
    }

    /// Whether `Tests/Services/schemathesis` is installed.
    public static let hasSchemathesis: Bool = {
        let process = Process()
        process.executableURL = services.appendingPathComponent("schemathesis")
        process.arguments = ["path"]
        process.standardOutput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// `Tests/Services/schemathesis`, held against the gateway on a socket.
    public static func schemathesis(_ words: [String]) async throws -> WaitedProgram.Outcome {
        try await WaitedProgram.run(services.appendingPathComponent("schemathesis"), words, within: 300)
    }
}
