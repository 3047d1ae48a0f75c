public import Foundation
import Glibc

/// A program that a test starts: mostly a server, which says in its first line where it is, and which ends when its standard
/// input does, at the latest when this is let go.
///
/// Nobody ever waits here for the end of a pipe, nor longer than a limit: servers that are left running keep what they have
/// inherited open for as long as they live. What happens to be open elsewhere in the test process no program inherits.
public final class ThrowawayProcess: Sendable {
    /// What the program printed first, without the line's end.
    public let announcement: String
    private let child: Child

    /// Starts the program and waits, on no thread of the cooperative pool, for its first line.
    public init(_ program: URL, _ arguments: [String] = [], within limit: Duration = .seconds(180)) async throws {
        let child = try Child(program.path, arguments)
        self.child = child
        do {
            announcement = try await Self.onThreadOfItsOwn { try child.firstLine(within: limit) }
        } catch {
            child.letGo()
            throw error
        }
    }

    deinit { child.letGo() }

    /// The port that the program announced.
    public var port: Int {
        get throws {
            guard let port = Int(announcement.trimmingCharacters(in: .whitespaces)) else {
                throw ThrowawayProcessFailure(
                    description: "\(child.name) told \(announcement.debugDescription), no port")
            }
            return port
        }
    }

    /// The variables among the `NAME=VALUE` words that the program announced.
    public var variables: [String: String] {
        let words = announcement.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(words.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { $1 }
    }

    /// Ends the program's input and waits until it has ended; kills it where that takes too long.
    public func end(within limit: Duration = .seconds(30)) {
        child.endInput()
        child.kill(after: limit)
    }

    /// What a program that ends by itself has printed, and its exit status: -1 where a signal ended it.
    public struct Result: Sendable {
        public let status: Int32
        public let output: [UInt8]
    }

    /// Runs a program to its end; blocks the thread, for so long at the most.
    ///
    /// - Parameter input: the file that it reads; nothing unless given.
    public static func run(
        _ program: URL, _ arguments: [String] = [], input: URL? = nil, within limit: Duration = .seconds(60)
    ) throws -> Result {
        let child = try Child(program.path, arguments, input: input?.path ?? "/dev/null")
        defer { child.letGo() }
        return try child.result(within: limit)
    }

    private static func onThreadOfItsOwn<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}

/// Why a program did not do what a test needs; what it has said itself stands on standard error.
public struct ThrowawayProcessFailure: Error, CustomStringConvertible {
    public let description: String
}
