import FoundationEssentials
import Testing

/// Compares a text with the file in `Cases` that holds what it should be. With `RECORD=1` in the environment it writes
/// the file instead, and fails, so that a recording is never taken for a pass.
enum GoldenFile {
    static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

    static func expect(
        _ text: String, equals name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = String(#filePath.dropLast("GoldenFile.swift".count)) + "Cases/\(name).txt"
        let shown = text.replacing("\u{1B}", with: "␛")
        if isRecording {
            let folder = path[..<(path.lastIndex(of: "/") ?? path.endIndex)]
            try FileManager.default.createDirectory(atPath: String(folder), withIntermediateDirectories: true)
            try Data(shown.utf8).write(to: URL(filePath: path))
            Issue.record("Recorded \(name); run the tests again without RECORD.", sourceLocation: sourceLocation)
            return
        }
        let expected = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        guard let expected else {
            Issue.record("There is no Cases/\(name).txt; RECORD=1 makes it.", sourceLocation: sourceLocation)
            return
        }
        guard Array(shown.utf8) != Array(expected.utf8) else { return }
        let differing = zip(shown.split(separator: "\n"), expected.split(separator: "\n")).first { $0 != $1 }
        Issue.record(
            """
            Cases/\(name).txt differs, first here:
              expected: \(differing.map { String($0.1) } ?? "(end)")
              found:    \(differing.map { String($0.0) } ?? "(end)")
            The whole text found:
            \(shown)
            """, sourceLocation: sourceLocation)
    }
}
