import Foundation

/// A file that holds the text a test expects. With `RECORD=1` in the environment it is written instead, and the test
/// fails, so that a recording is never taken for a pass.
public struct ExpectedText: Sendable {
    /// Why a text is not what was expected; thrown, it fails the test.
    public struct Mismatch: Error, CustomStringConvertible {
        public let description: String
    }

    private let path: String

    public init(at path: String) { self.path = path }

    /// - Throws: unless the file holds exactly this text.
    public func check(_ text: String) throws {
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            let file = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            throw Mismatch(description: "Recorded \(path); run the tests again without RECORD.")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Mismatch(description: "There is no \(path); RECORD=1 makes it.")
        }
        guard Array(data) != Array(text.utf8) else { return }
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        let expected = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(found, expected).prefix { $0 == $1 }.count
        throw Mismatch(
            description: """
                \(path) differs, first in line \(line + 1):
                  expected: \(line < expected.count ? String(expected[line]) : "(end)")
                  found:    \(line < found.count ? String(found[line]) : "(end)")
                The whole text found:
                \(text)
                """)
    }
}
