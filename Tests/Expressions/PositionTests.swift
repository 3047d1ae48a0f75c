import Expressions
import PlumbModel
import Testing

/// Where a problem is, in every way in which YAML writes a scalar.
@Suite struct PositionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let style: Scalar.Style
        /// The whole file; the scalar is all of it behind `key: `, up to the end without the last line break.
        let written: String
        /// What YAML makes of it.
        let text: String
        let line: Int
        let column: Int
        var marked = "wrong"

        var testDescription: String { written }
    }

    static let cases = [
        Case(style: .plain, written: "key: a ${wrong}\n", text: "a ${wrong}", line: 1, column: 10),
        Case(style: .plain, written: "key: é☃ ${wrong}\n", text: "é☃ ${wrong}", line: 1, column: 11),
        Case(style: .plain, written: "key: a b\n  c ${wrong} d\n", text: "a b c ${wrong} d", line: 2, column: 7),
        Case(style: .plain, written: "key: ${1 +\n\n   wrong}\n", text: "${1 +\nwrong}", line: 3, column: 4),
        Case(style: .doubleQuoted, written: "key: \"a ${wrong}\"\n", text: "a ${wrong}", line: 1, column: 11),
        Case(
            style: .doubleQuoted, written: #"key: "\t\"\u00e9\x41 ${wrong}""# + "\n", text: "\t\"éA ${wrong}", line: 1,
            column: 24),
        Case(
            style: .doubleQuoted, written: #"key: "${upper(\"x\") + wrong}""# + "\n", text: #"${upper("x") + wrong}"#,
            line: 1,
            column: 24),
        Case(
            style: .doubleQuoted, written: "key: \"a\\\n   b\n   ${wrong}\"\n", text: "ab ${wrong}", line: 3, column: 6),
        Case(style: .singleQuoted, written: "key: 'a ${wrong}'\n", text: "a ${wrong}", line: 1, column: 11),
        Case(style: .singleQuoted, written: "key: 'it''s ''${wrong}'\n", text: "it's '${wrong}", line: 1, column: 17),
        Case(style: .literal, written: "key: |\n  a\n  b ${wrong}\n", text: "a\nb ${wrong}\n", line: 3, column: 7),
        Case(
            style: .literal, written: "key: |-\n\n    a\n      b ${wrong}", text: "\na\n  b ${wrong}", line: 4,
            column: 11),
        Case(style: .literal, written: "key: |2-\n    a ${wrong}", text: "  a ${wrong}", line: 2, column: 9),
        Case(
            style: .literal, written: "key: |\r\n  a\r\n  b ${wrong}\r\n", text: "a\nb ${wrong}\n", line: 3, column: 7),
        Case(style: .folded, written: "key: >\n  a\n  b ${wrong}\n", text: "a b ${wrong}\n", line: 3, column: 7),
        Case(style: .folded, written: "key: >-\n  a\n\n  b\n  ${wrong}", text: "a\nb ${wrong}", line: 5, column: 5),
        Case(style: .plain, written: "key: &x ${wrong}\n", text: "${wrong}", line: 1, column: 11),
        Case(style: .doubleQuoted, written: "key: !!str \"${wrong}\"\n", text: "${wrong}", line: 1, column: 15),
        Case(
            style: .doubleQuoted, written: #"key: "${\"a\".b}""# + "\n", text: #"${"a".b}"#, line: 1, column: 9,
            marked: #"\"a\".b"#),
    ]

    @Test(arguments: cases) func problemsAreWhereTheyAreWritten(_ given: Case) throws {
        let file = SourceFile(path: "web.yaml", text: given.written)
        let end = given.written.utf8.count - (given.written.hasSuffix("\n") ? 1 : 0)
        let node = SpecificationNode(
            .scalar(Scalar(text: given.text, style: given.style, value: .string(given.text))),
            at: SourceRange(file: file, start: 5, end: end))
        let found = #expect(throws: Diagnostics.self) {
            try Evaluator(scope: FixedScope()).evaluate(try ExpressionParser.parse(node))
        }
        let source = try #require(found?.all.first?.source)
        #expect(source.startPosition == SourcePosition(line: given.line, column: given.column))
        #expect(source.text == given.marked)
    }
}
