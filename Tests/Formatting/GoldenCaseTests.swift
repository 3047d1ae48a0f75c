import FoundationEssentials
import Operations
import PlumbModel
import Testing

/// Every folder of `Cases/fmt` holds a text and what formatting makes of it.
struct GoldenCaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/fmt").path()

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    @Test func thereAreCases() throws {
        #expect(try Self.names.count >= 12)
    }

    @Test(arguments: try GoldenCaseTests.names)
    func formatted(_ name: String) async throws {
        let input = Array(try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)/input.yaml")))
        let text = try await Formatted.text(input, named: "input.yaml")
        let path = "\(Self.folder)/\(name)/expected.yaml"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(text.utf8).write(to: URL(filePath: path))
            Issue.record("Recorded \(name); run the tests again without RECORD.")
            return
        }
        let expected = try String(contentsOfFile: path, encoding: .utf8)
        #expect(Array(text.utf8) == Array(expected.utf8), "found:\n\(text)")
    }
}

/// Formats, and holds the result against what is true of every text.
enum Formatted {
    /// Throws also where the operation finds that the meaning would change.
    static func text(
        _ input: [UInt8], named name: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> String {
        let once = try await FormatOperation.format(input, named: name).after
        let twice = try await FormatOperation.format(once, named: name).after
        let text = String(decoding: once, as: UTF8.self)
        #expect(
            once == twice,
            "not stable:\n\(String(decoding: input, as: UTF8.self))\n--- once\n\(text)\n--- twice\n\(String(decoding: twice, as: UTF8.self))",
            sourceLocation: sourceLocation)
        return text
    }
}
