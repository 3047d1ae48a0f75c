import Expressions
import Foundation
import PlumbModel
import Reporting
import Testing

/// Terraform's answers to all generated expressions: recorded, and asked anew where Terraform is installed.
enum RecordedAnswers {
    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Cases/terraform-1.11.4.jsonl")
    static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

    static func read() throws -> [TerraformAnswer] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap(TerraformAnswer.init(line:))
    }

    static func write(_ answers: [TerraformAnswer]) throws {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(answers.map { $0.line + "\n" }.joined().utf8).write(to: file)
    }
}

@Suite(.serialized) struct ComparisonTests {
    @Test(.enabled(if: TerraformConsole.program != nil, "terraform is not installed"))
    func theRecordingIsWhatTerraformSays() throws {
        let program = try #require(TerraformConsole.program)
        let console = try TerraformConsole(program)
        defer { console.remove() }
        let live = try console.answers(to: GeneratedExpressions.readable)
        if RecordedAnswers.isRecording {
            for expression in GeneratedExpressions.malformed {
                #expect(console.refuses(expression), "Terraform answers, so it is not malformed: \(expression)")
            }
            try RecordedAnswers.write(live + GeneratedExpressions.malformed.map { .init($0, json: nil, text: nil) })
            Issue.record("The answers were recorded anew: read the difference.")
            return
        }
        let recorded = try RecordedAnswers.read()
        for (answer, expected) in zip(live, recorded) where answer != expected {
            Issue.record("\(answer.line) is recorded as \(expected.line)")
        }
        // All of them would take a process each.
        for expression in GeneratedExpressions.malformed.enumerated().filter({ $0.offset % 10 == 0 }).map(\.element) {
            #expect(console.refuses(expression), "\(expression)")
        }
    }

    @Test func theRecordingIsOfAllExpressions() throws {
        let expressions = GeneratedExpressions.readable + GeneratedExpressions.malformed
        #expect(try RecordedAnswers.read().map(\.expression) == expressions)
        #expect(expressions.count >= 1_000)
    }

    @Test func answersAreTerraforms() throws {
        var scope = FixedScope()
        scope.files = MemorySource(name: "files", contents: TerraformConsole.files)
        scope.surroundings = Surroundings(phase: .applying(plannedAt: 0), directory: "/stack", home: "/home/me")
        var met: Set<String> = []
        for answer in try RecordedAnswers.read() {
            let found = Result { () throws(Diagnostics) in try evaluate(answer.expression, scope) }
            guard let problem = difference(found, answer) else { continue }
            if DocumentedDifferences.reasons[answer.expression] == nil {
                Issue.record("\(answer.expression): \(problem)")
            }
            met.insert(answer.expression)
        }
        let gone = Set(DocumentedDifferences.reasons.keys).subtracting(met)
        #expect(gone.isEmpty, "no longer different, or no longer asked: \(gone.sorted())")
    }

    /// How an answer differs from Terraform's; nil where it does not.
    private func difference(_ found: Result<Value, Diagnostics>, _ expected: TerraformAnswer) -> String? {
        guard let json = expected.json else {
            if case .success(let value) = found { return "\(value.json), but Terraform refuses it" }
            return nil
        }
        switch found {
        case .failure(let error):
            // Whole numbers beyond 64 bits are refused, never rounded.
            guard (try? Value(json: json)) == nil else { return "\(error.all.first?.detail ?? ""), not \(json)" }
            return nil
        case .success(let value):
            guard let wanted = try? Value(json: json) else { return "\(value.json), but Terraform says \(json)" }
            if value.json != wanted.json { return "\(value.json), not \(wanted.json)" }
            return textDifference(value, expected.text ?? "")
        }
    }

    private func textDifference(_ value: Value, _ expected: String) -> String? {
        // Here documents look different inside others: what is compared stands inside an object, as the recorded text did.
        let outer: Value = ["text": .object(ValueMap([("e00000", value)]))]
        let lines = ConsoleReport(outer).render().split(separator: "\n", omittingEmptySubsequences: false)
        let text = TerraformConsole.entries(lines.dropFirst(2), indent: 4)["e00000"] ?? ""
        return text == expected || rounded(text) == rounded(expected) ? nil : "prints \(text), not \(expected)"
    }

    /// Fractions with the digits that a double has (Terraform keeps 150 of them), nulls without their types (ours have
    /// none), and zero without a sign.
    private func rounded(_ text: String) -> String {
        text.replacing(#/\d+\.\d{16,}/#) { Double($0.output).map(\.description) ?? String($0.output) }
            .replacing(#/to(string|number|bool)\(null\)|(to(list|set|map)\(null\)|null) \/\* [a-z ]+ \*\//#) { _ in
                "null"
            }
            .replacing(#/(^|[ "])-0($|[\n,"])/#) { "\($0.output.1)0\($0.output.2)" }
    }
}

/// Where our answers differ from Terraform's on purpose.
enum DocumentedDifferences {
    static let reasons: [String: String] = [
        "1 / 0 == 1": division, "try(1 / 0, 0)": division, "can(1 / 0)": division, "try(can(1 / 0), 5)": division,
        "1 - 0.9 == 0.1": "arithmetic is decimal as long as it is exact",
        "pow(2, 62)": "whole numbers are exact; Terraform's pow() rounds to a double",
        "tostring(1e20 / 1e18)": large, "tonumber(1e20 / 1e18)": large,
        #"urlencode("e\u0301x")"#: composed, #"base64encode("e\u0301x")"#: composed,
        #"cidrhost("::ffff:10.0.0.0/104", 1)"#: mapped,
        #"cidrsubnet("10.0.0.0/8", -1, 0)"#: negative, #"cidrsubnet("10.0.0.0/8", 8, -1)"#: negative,
        #"{a = 1}[sensitive("a")] == 1"#: marked, #"issensitive({a = 1}[sensitive("a")])"#: marked,
    ]

    private static let division =
        "a division by zero is an error; in Terraform it is an infinity, which nothing can print"
    private static let large = "whole numbers beyond 64 bits are refused where they are written"
    private static let composed = "texts stay as they are written; Terraform composes their characters (NFC)"
    private static let mapped = "Terraform miscounts in IPv4-mapped networks"
    private static let negative = "a negative number is no count of bits or networks"
    private static let marked = "what a sensitive key has chosen is sensitive"
}
