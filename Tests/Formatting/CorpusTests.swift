import Foundation
import Loading
import Operations
import PlumbModel
import Testing

/// Formatting keeps the meaning of any text, is stable, and loses no comment.
struct CorpusTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func files(below folder: String) -> [String] {
        let names = FileManager.default.subpaths(atPath: root.appending(path: folder).path()) ?? []
        return names.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.contains("/.") }.sorted()
            .map { folder + "/" + $0 }
    }

    /// Nil where the loader refuses the text.
    private func format(_ bytes: [UInt8], named name: String) async throws -> String? {
        guard (try? YAMLReader.read(SourceFile(path: name, bytes: bytes))) != nil else { return nil }
        return try await Formatted.text(bytes, named: name)
    }

    @Test(arguments: ["examples", "Tests", "providers"])
    func everyFileOfTheRepository(_ folder: String) async throws {
        var count = 0
        for path in Self.files(below: folder) {
            let bytes = Array(try Data(contentsOf: Self.root.appending(path: path)))
            guard let text = try await format(bytes, named: path) else { continue }
            count += 1
            if folder == "examples" { #expect(Array(text.utf8) == bytes, "\(path) is not formatted: plumb fmt") }
        }
        #expect(count > 0)
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: YAMLSuite.file), "no copy of the YAML test suite"))
    func yamlSuite() async throws {
        var count = 0
        for item in try YAMLSuite.cases() {
            do {
                if try await format(Array(item.yaml.utf8), named: item.id) != nil { count += 1 }
            } catch let problems as Diagnostics {
                // What libyaml takes for a line end and YAML 1.2 does not is refused.
                let summaries = problems.all.map(\.summary)
                #expect(
                    summaries == ["File cannot be formatted"] && item.yaml.contains("\u{2028}"),
                    "\(item.id): \(problems.all.map(\.detail))\n\(item.yaml)")
            }
        }
        print("YAML suite: \(count) texts formatted")
        #expect(count > 100)
    }

    @Test func randomTexts() async throws {
        var dice = Dice(state: 7)
        var formatted = 0
        while formatted < 600 {
            let text = RandomText.make(&dice)
            guard let result = try await format(Array(text.utf8), named: "a.yaml") else { continue }
            formatted += 1
            let comments = RandomText.comments(in: text)
            #expect(comments == RandomText.comments(in: result), "comments of:\n\(text)\n---\n\(result)")
        }
        print("Formatting: \(formatted) random texts")
    }

    @Test(arguments: ["a: 1\rb: 2\n", "a: \"x\u{2028}y\"\n", "a: x\u{85}  y\n", " \u{FEFF}a: 1\n"])
    func lineEndsThatMeanDifferentThingsAreRefused(_ text: String) async throws {
        let error = await #expect(throws: Diagnostics.self) {
            try await FormatOperation.format(Array(text.utf8), named: "a.yaml")
        }
        #expect(error?.all.map(\.summary) == ["File cannot be formatted"])
    }

    /// Pieces that mean something to YAML, put into real texts anywhere.
    @Test func changedTexts() async throws {
        let names = try GoldenCaseTests.names.map { GoldenCaseTests.folder + "/\($0)/input.yaml" }
        let examples = Self.files(below: "examples").map { Self.root.appending(path: $0).path() }
        let corpus = try (names + examples).map { Array(try Data(contentsOf: URL(filePath: $0))) }
        let pieces = [
            " ", "  ", "\n", "\n\n", "\t", "# c\n", " # c\n", "\n# c\n", "- ", "\n- ", "? ", ": ", "&b ", "*b",
            "!!str ", "|\n",
            ">-\n", "|+\n", "[", "]", "{", "}", ", ", "'", "\"", "---\n", "...\n", "${a+b}", "${", "}", "\\\n", "ü",
        ].map { Array($0.utf8) }
        var dice = Dice(state: 11)
        var formatted = 0
        while formatted < 600 {
            var bytes = corpus.randomElement(using: &dice) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let place = Int.random(in: 0...bytes.count, using: &dice)
                if Bool.random(using: &dice) {
                    bytes.insert(contentsOf: pieces.randomElement(using: &dice) ?? [], at: place)
                } else {
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...4, using: &dice)))
                }
            }
            // Line ends and byte order marks that are refused have tests of their own.
            bytes.removeAll { $0 == 0x0D || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
            guard String(validating: bytes, as: UTF8.self) != nil else { continue }
            do {
                if try await format(bytes, named: "main.yaml") != nil { formatted += 1 }
            } catch let problems as Diagnostics {
                Issue.record("\(problems.all.map(\.summary)):\n\(String(decoding: bytes, as: UTF8.self))")
            }
        }
        print("Formatting: \(formatted) changed texts")
    }
}

/// The cases of the YAML test suite.
enum YAMLSuite {
    struct Case: Decodable {
        let id: String
        let yaml: String
    }

    static let file: String = {
        let given = ProcessInfo.processInfo.environment["PLUMB_ORACLES"]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sibling = root.deletingLastPathComponent().appending(path: "shared/oracles").path()
        return (given ?? sibling) + "/yaml-1.2-cases.jsonl"
    }()

    static func cases() throws -> [Case] {
        let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
    }
}

/// The same numbers in each run (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Makes YAML texts in careless layouts; some are no YAML at all.
enum RandomText {
    private static let scalars = [
        "a", "1", "'it''s'", "\"x\\ty\"", "${a+b}", "'${f( a,b )}'", "true", "~", "*one", "plain text", "\"\"",
        "a\n      b", "'a\n\n        b'", "\"a\\\n        b \\\n        c\"",
    ]

    static func make(_ dice: inout Dice) -> String {
        var text = Bool.random(using: &dice) ? "" : "# head #1\n\n\n"
        if Int.random(in: 0..<4, using: &dice) == 0 { text += "---\(comment(&dice))\n" }
        text += "first: &one {a:   1}\(comment(&dice))\n"
        text += mapping(&dice, indent: 0, depth: 0)
        if Int.random(in: 0..<6, using: &dice) == 0 { text += "---\n" + sequence(&dice, indent: 0, depth: 0) }
        if Int.random(in: 0..<6, using: &dice) == 0, text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    /// In the order of the text, without white space.
    static func comments(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let digits = line.split(separator: "#").last?.prefix { $0.isNumber } ?? ""
            return line.contains("#\(digits)") && !digits.isEmpty ? String(digits) : nil
        }
    }

    private static func comment(_ dice: inout Dice) -> String {
        guard Int.random(in: 0..<5, using: &dice) == 0 else { return "" }
        return String(repeating: " ", count: Int.random(in: 1...4, using: &dice))
            + "# note #\(Int.random(in: 0..<99, using: &dice))"
    }

    private static func lines(_ dice: inout Dice) -> String {
        guard Int.random(in: 0..<4, using: &dice) == 0 else { return "" }
        let spaces = String(repeating: " ", count: Int.random(in: 0...8, using: &dice))
        return Bool.random(using: &dice) ? "\n\n" : "\(spaces)# line #\(Int.random(in: 0..<99, using: &dice))\n"
    }

    private static func mapping(_ dice: inout Dice, indent: Int, depth: Int) -> String {
        var text = ""
        for number in 0..<Int.random(in: 1...3, using: &dice) {
            let colon = [":", " :", ":  "].randomElement(using: &dice) ?? ":"
            text += lines(&dice) + String(repeating: " ", count: indent) + "k\(depth)\(number)\(colon)"
            text += value(&dice, indent: indent, depth: depth, isInSequence: false)
        }
        return text
    }

    private static func sequence(_ dice: inout Dice, indent: Int, depth: Int) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
            let spaces = Int.random(in: 1...3, using: &dice)
            text += lines(&dice) + String(repeating: " ", count: indent) + "-"
            if depth < 4, Bool.random(using: &dice) {
                let inner = mapping(&dice, indent: indent + 1 + spaces, depth: depth + 1)
                let first = inner.drop { $0 == " " }
                text +=
                    first.hasPrefix("#") || first.hasPrefix("\n")
                    ? "\n" + inner : String(repeating: " ", count: spaces) + first
            } else {
                text += value(&dice, indent: indent, depth: depth, isInSequence: true)
            }
        }
        return text
    }

    private static func value(_ dice: inout Dice, indent: Int, depth: Int, isInSequence: Bool) -> String {
        let inner = indent + Int.random(in: 1...4, using: &dice)
        let start = comment(&dice) + "\n"
        switch Int.random(in: 0..<9, using: &dice) {
        case 0 where depth < 4: return start + mapping(&dice, indent: inner, depth: depth + 1)
        case 1 where depth < 4:
            let column = isInSequence || Bool.random(using: &dice) ? inner : indent
            return start + sequence(&dice, indent: column, depth: depth + 1)
        case 2: return " " + block(&dice, indent: inner)
        case 3: return " [a,b , {c: 1,\n   d: '${x?1:2}'}, ]" + start
        case 4: return " {a: [\n 1, 2\n]\n   , b  : !!str   3,c: &x d}" + start
        case 5: return start + String(repeating: " ", count: inner) + "below" + comment(&dice) + "\n"
        case 6: return " &n\(depth)" + start
        default: return "   " + (scalars.randomElement(using: &dice) ?? "a") + start
        }
    }

    private static func block(_ dice: inout Dice, indent: Int) -> String {
        let spaces = String(repeating: " ", count: indent)
        let header = ["|", ">", "|-", ">+", "|+", "|  # block #7"].randomElement(using: &dice) ?? "|"
        var text = header + "\n"
        if Bool.random(using: &dice) { text += "\n" }
        for _ in 0..<Int.random(in: 0...3, using: &dice) {
            let more = String(repeating: " ", count: Int.random(in: 0...2, using: &dice))
            text += Bool.random(using: &dice) ? "\(spaces)text  ${ a+1 }  \n" : "\(spaces)x\n\(spaces)\(more)y\n"
        }
        return text + (Bool.random(using: &dice) ? "\n\n" : "")
    }
}
