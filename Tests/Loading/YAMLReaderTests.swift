import Loading
import PlumbModel
import Testing

struct YAMLReaderTests {
    private func read(_ text: String) throws -> SpecificationNode {
        try #require(try YAMLReader.read(SourceFile(path: "a.yaml", text: text)).first)
    }

    private func json(_ text: String) throws -> String { YAMLSuiteTests.value(try read(text)).json }

    private func summaries(_ text: String) -> [String] {
        do {
            _ = try YAMLReader.read(SourceFile(path: "a.yaml", text: text))
            return []
        } catch {
            return error.all.map(\.summary)
        }
    }

    @Test(arguments: [
        ("no", #""no""#), ("on", #""on""#), ("yes", #""yes""#), ("true", "true"), ("FALSE", "false"), ("~", "null"),
        ("", "null"), ("Null", "null"), ("nULL", #""nULL""#), ("0o17", "15"), ("0x1F", "31"), ("0b11", #""0b11""#),
        ("12:30:45", #""12:30:45""#), ("1_000", #""1_000""#), ("+12", "12"), ("-0", "0"), ("1e3", "1000"),
        (".5", "0.5"),
        ("1.", "1"), ("-1.5e-2", "-0.015"), (".", #"".""#), ("-", #""-""#), ("+", #""+""#), ("1e", #""1e""#),
        ("0o8", #""0o8""#), ("0xg", #""0xg""#), ("2001-12-14", #""2001-12-14""#), ("1.2.3", #""1.2.3""#),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("\"1\"", #""1""#), ("'true'", #""true""#), ("!!str 12", #""12""#), ("! 12", #""12""#), ("!!int 12", "12"),
        ("!!float 3", "3"), ("!!bool true", "true"), ("!!null ''", "null"), ("!!int '0x10'", "16"), (".e3", #"".e3""#),
    ])
    func coreSchema(_ yaml: String, _ expected: String) throws {
        if yaml == "-" {
            #expect(try json("a: !!str -x") == #"{"a":"-x"}"#)
            return
        }
        #expect(try json("a: \(yaml)") == #"{"a":\#(expected)}"#)
    }

    @Test(arguments: [
        ("9223372036854775808", "Number is too large"), ("-9223372036854775809", "Number is too large"),
        ("0xFFFFFFFFFFFFFFFFF", "Number is too large"), ("1e999", "Number is too large"),
        (".inf", "Number is not finite"), ("-.INF", "Number is not finite"), (".NaN", "Number is not finite"),
        ("!!int abc", "Value does not fit its tag"), ("!!bool yes", "Value does not fit its tag"),
        ("!!map x", "Value does not fit its tag"), ("!!str [1]", "Value does not fit its tag"),
        ("!!seq {}", "Value does not fit its tag"), ("!Ref x", "Tag is not supported"),
        ("!!binary aGk=", "Tag is not supported"), ("!!set {a}", "Tag is not supported"),
    ])
    func refusedScalars(_ yaml: String, _ summary: String) {
        #expect(summaries("a: \(yaml)") == [summary])
    }

    @Test func mergeKeys() throws {
        let yaml = """
            base: &base {a: 1, b: 2}
            other: &other {b: 3, c: 4}
            one:
              <<: *base
              b: own
            two:
              b: own
              <<: [*other, *base]
            three: {"<<": text}
            """
        let node = try read(yaml)
        #expect(node["one"].map { YAMLSuiteTests.value($0).json } == #"{"a":1,"b":"own"}"#)
        #expect(node["two"].map { YAMLSuiteTests.value($0).json } == #"{"a":1,"b":"own","c":4}"#)
        #expect(node["two"]?.mapping?.map(\.key) == ["b", "c", "a"])
        #expect(node["three"]?.mapping?.map(\.key) == ["<<"])
        // What is merged keeps the place where it is written.
        #expect(node["two"]?["c"]?.range.startPosition.line == 2)
    }

    @Test func placesOfEveryNode() throws {
        let yaml = """
            \u{FEFF}größe: {ß: 'ö', b: [1, "x"]}
            block: |
              text ${a}

            list: &l
              - !!str 12
              - &x plain text # comment
              -
            """
        let root = try read(yaml.replacing("\n", with: "\r\n"))
        let places = texts(root)
        #expect(
            places == [
                "größe", "{ß: 'ö', b: [1, \"x\"]}", "ß", "'ö'", "b", "[1, \"x\"]", "1", "\"x\"", "block",
                "|\r\n  text ${a}", "list", "- !!str 12\r\n  - &x plain text # comment\r\n  -", "12", "plain text", "",
            ])
        #expect(root.range.startPosition.line == 1)
        #expect(root["größe"]?["b"]?.range.text == "[1, \"x\"]")
    }

    private func texts(_ node: SpecificationNode) -> [String] {
        switch node.content {
        case .scalar: []
        case .sequence(let nodes): nodes.flatMap { [$0.range.text] + texts($0) }
        case .mapping(let entries): entries.flatMap { [$0.keyRange.text, $0.value.range.text] + texts($0.value) }
        }
    }

    @Test func everyProblemOfAFileAtOnce() {
        #expect(
            summaries("a: 1\na: 2\n8080: x\nb: !Ref y\nc: *gone\nd: .nan\ne: [x")
                == [
                    "Key is not a string", "Tag is not supported", "Unknown anchor", "Number is not finite",
                    "Bracket is not closed",
                ])
    }

    @Test func severalDocuments() throws {
        let file = SourceFile(path: "a.yaml", text: "---\na: 1\n---\n# nothing\n---\n- 2\n...\n")
        #expect(try YAMLReader.read(file).map { YAMLSuiteTests.value($0).json } == [#"{"a":1}"#, "null", "[2]"])
        #expect(try YAMLReader.read(SourceFile(path: "a.yaml", text: "")).isEmpty)
    }

    @Test func anchorsEndWithTheirDocument() {
        #expect(summaries("a: &x 1\n---\nb: *x\n") == ["Unknown anchor"])
    }

    @Test func placesOfScalarParts() throws {
        let yaml = """
            plain: a ${x}
            single: 'it''s ${x}'
            double: "\\u00e4\\t\\
              ${x} "
            literal: |
                line
                  ${x}
            folded: >-
              one
              ${x}
            several: one
              two   ${x}
            """
        for entry in try #require(try read(yaml).mapping) {
            let text = try #require(entry.value.scalar?.text)
            let start = try #require(text.utf8.firstIndex(of: UInt8(ascii: "$")))
            let offset = text.utf8.distance(from: text.utf8.startIndex, to: start)
            #expect(entry.value.range(ofText: offset..<offset + 4).text == "${x}", "\(entry.key)")
        }
    }
}
