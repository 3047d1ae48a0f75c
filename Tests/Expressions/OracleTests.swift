import Expressions
import Foundation
import PlumbModel
import Testing

/// Answers of Terraform's console that were recorded outside this project; skipped where they are not present.
enum Oracle {
    static let file: URL = {
        if let folder = ProcessInfo.processInfo.environment["PLUMB_ORACLES"] {
            return URL(fileURLWithPath: folder).appendingPathComponent("expressions.jsonl")
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent("shared/oracles/expressions.jsonl")
    }()

    static let isPresent = FileManager.default.fileExists(atPath: file.path)

    static func rows() throws -> [Value] {
        let text = try String(contentsOf: file, encoding: .utf8)
        return try text.split(separator: "\n").map { try Value(json: String($0)) }
    }

    /// Rows that say "refused" where Terraform 1.11.4's console answers, with its answers as JSON.
    static let corrected = [
        #"floor(-5.1)"#: "-6",
        #"log(16, 2)"#: "4",
        #"pow(2, -1)"#: "0.5",
        #"format("%q", "quote \"me\"")"#: #""\"quote \\\"me\\\"\"""#,
        #"regexall("z", "abc")"#: "[]",
        #"index(["a","b","c"], "b")"#: "1",
        #"tostring(1)"#: #""1""#,
        #"tostring(true)"#: #""true""#,
    ]
}

@Suite struct OracleTests {
    @Test(.enabled(if: Oracle.isPresent)) func answersAreTerraforms() throws {
        var wrong: [String] = []
        let rows = try Oracle.rows()
        for row in rows {
            let expression = try #require(row[key: "expression"]?.asString)
            let expected = try Oracle.corrected[expression].map { try Value(json: $0) } ?? row[key: "json"]
            let found = Result { try evaluate(expression) }
            switch (found, expected) {
            case (.success(let value), let expected?):
                if value.json != expected.json { wrong.append("\(expression): \(value.json), not \(expected.json)") }
            case (.success(let value), nil): wrong.append("\(expression): \(value.json), but must be refused")
            case (.failure(let error), let expected?): wrong.append("\(expression): \(error), not \(expected.json)")
            case (.failure, nil): break
            }
        }
        #expect(wrong.isEmpty, "\(rows.count - wrong.count) of \(rows.count) are right")
        for line in wrong { Issue.record("\(line)") }
    }
}
