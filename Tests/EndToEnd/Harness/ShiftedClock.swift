import Foundation
import Testing

/// A time of day of its own for one process, by way of `Tests/Services/shifted-clock.c`.
struct ShiftedClock: Sendable {
    private let file: URL
    private let library: String

    /// - Parameter stack: in whose directory the clock is kept.
    init(in stack: Stack) async throws {
        file = stack.directory.appendingPathComponent(".clock")
        library = stack.path(".clock.so")
        let source = Repository.root.appendingPathComponent("Tests/Services/shifted-clock.c").path
        let compiler = try ChildProcess(
            "cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], in: "/", environment: Plumb.environment,
            deadline: 60)
        let result = await compiler.result()
        try #require(result.code == 0, "\(result.errors)")
        try set(ahead: 0)
    }

    func set(ahead seconds: Int) throws { try Data("\(seconds)".utf8).write(to: file, options: .atomic) }

    var environment: [String: String] { ["LD_PRELOAD": library, "SHIFTED_CLOCK": file.path] }
}
