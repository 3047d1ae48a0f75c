import Loading
import PlumbModel
import Testing

@testable import Operations

/// What is live is written into the text with as little change as can be, and reads as what is live.
struct SpecEditTests {
    /// A change of the value under `spec`, and what the file is then; nil where it is refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let before: String
        let old: Value
        let new: Value
        let after: String?

        init(_ name: String, _ before: String, _ old: Value, _ new: Value, _ after: String?) {
            testDescription = name
            (self.before, self.old, self.new, self.after) = (before, old, new, after)
        }
    }

    static let cases = [
        Case(
            "a block keeps its sign, its comment and its indentation",
            "spec:\n  a: |  # why\n      one\n      two\n\n  b: 1\n", ["a": "one\ntwo\n"], ["a": "one\n\n2"],
            "spec:\n  a: |-  # why\n      one\n\n      2\n\n  b: 1\n"),
        Case(
            "empty lines at the end are kept by the sign", "spec:\n  a: |\n    one\n  b: 1\n", ["a": "one\n"],
            ["a": "one\n\n\n"], "spec:\n  a: |+\n    one\n\n\n  b: 1\n"),
        Case(
            "a folded block stays one, and what is the same stays folded as it was",
            "spec:\n  a: >\n    one\n    two\n\n    three\n", ["a": "one two\nthree\n"], ["a": "one two\nfour\n"],
            "spec:\n  a: >\n    one\n    two\n\n    four\n"),
        Case(
            "a line becomes a block, its comment goes along", "spec:\n  a: one # why\n  b: 1\n", ["a": "one"],
            ["a": "one\ntwo\n"], "spec:\n  a: | # why\n    one\n    two\n  b: 1\n"),
        Case(
            "quotes stay, and several lines go into them", "spec: {a: \"one\", b: 'x'}\n", ["a": "one", "b": "x"],
            ["a": "one\ntwo", "b": "it's"], "spec: {a: \"one\\ntwo\", b: 'it''s'}\n"),
        Case(
            "what would read as something else is quoted", "spec: {a: one, b: two, c: 1}\n",
            ["a": "one", "b": "two", "c": 1], ["a": "true", "b": "0644", "c": 2],
            "spec: {a: \"true\", b: \"0644\", c: 2}\n"),
        Case(
            "expressions are text in what is live", "spec:\n  a: one\n", ["a": "one"], ["a": "${x} %{y}"],
            "spec:\n  a: \"$${x} %%{y}\"\n"),
        Case(
            "a new key stands after the last", "spec:\n  b: 1 # one\n  a:\n    x: y\nother: 1\n", [:], ["c": "new"],
            "spec:\n  b: 1 # one\n  a:\n    x: y\n  c: new\nother: 1\n"),
        Case(
            "a new key between braces", "spec: {b: 1}\n", [:], ["c": ["x", "z"], "d": ["k": 1]],
            "spec: {b: 1, c: [x, z], d: {k: 1}}\n"),
        Case(
            "a new list in block", "spec:\n  b: 1\n", [:], ["c": ["x", ["k": 1, "l": "m"]]],
            "spec:\n  b: 1\n  c:\n    - x\n    - k: 1\n      l: m\n"),
        Case(
            "what is gone goes with its line", "spec:\n  a: 1\n  b: 2 # two\n  c: 3\n", ["b": 2], ["b": .null],
            "spec:\n  a: 1\n  c: 3\n"),
        Case(
            "what is gone between braces", "spec: {a: 1, b: 2, c: 3}\n", ["a": 1, "c": 3], [:], "spec: {b: 2}\n"),
        Case(
            "the last key of a mapping", "spec:\n  m:\n    a: 1\n  n: 2\n", ["m": ["a": 1]], ["m": [:]],
            "spec:\n  m: {}\n  n: 2\n"),
        Case(
            "the first key behind a dash", "spec:\n  l:\n    - a: 1\n      b: 2\n", ["l": [["a": 1, "b": 2]]],
            ["l": [["b": 2]]], "spec:\n  l:\n    - b: 2\n"),
        Case(
            "elements of a list keep their comments",
            "spec:\n  l:\n    # head\n    - a # one\n    - b # two\n    - c # three\n    # foot\n",
            ["l": ["a", "b", "c"]],
            ["l": ["a", "c", "d"]], "spec:\n  l:\n    # head\n    - a # one\n    - c # three\n    - d\n    # foot\n"),
        Case(
            "a list without indentation", "spec:\n  l:\n  - a\n  - b\n", ["l": ["a", "b"]], ["l": ["x", "a", "c"]],
            "spec:\n  l:\n  - x\n  - a\n  - c\n"),
        Case(
            "a list whose bracket stands behind the last element loses that",
            "spec:\n  l: [\n    80,\n    443]\n", ["l": [80, 443]], ["l": [80]], "spec:\n  l: [\n    80]\n"),
        Case(
            "a list whose bracket stands behind the last element gets another",
            "spec:\n  l: [\n    80,\n    443]\n", ["l": [80, 443]], ["l": [80, 443, 8080]],
            "spec:\n  l: [\n    80,\n    443, 8080]\n"),
        Case(
            "a list in brackets", "spec:\n  l: [a, b, c] # all\n", ["l": ["a", "b", "c"]], ["l": ["b", "d", "e"]],
            "spec:\n  l: [b, d, e] # all\n"),
        Case(
            "a list in brackets on several lines", "spec:\n  l: [\n    a, # one\n    b # two\n  ]\n",
            ["l": ["a", "b"]],
            ["l": ["a", "b", "c"]], "spec:\n  l: [\n    a, # one\n    b, # two\n    c\n  ]\n"),
        Case(
            "its last element goes with its comment", "spec:\n  l: [\n    a, # one\n    b # two\n  ]\n",
            ["l": ["a", "b"]], ["l": ["a"]], "spec:\n  l: [\n    a # one\n  ]\n"),
        Case(
            "a list becomes empty", "spec:\n  l:\n    - a\n  b: 1\n", ["l": ["a"]], ["l": []],
            "spec:\n  l: []\n  b: 1\n"),
        Case("an empty list is no more", "spec: {l: []}\n", ["l": []], ["l": ["a"]], "spec: {l: [a]}\n"),
        Case(
            "what the specs do not say of an element is not said", "spec:\n  l:\n    - {n: a, p: 1}\n",
            ["l": [["n": "a", "p": 1, "default": true]]], ["l": [["n": "a", "p": 2, "default": true]]],
            "spec:\n  l:\n    - {n: a, p: 2}\n"),
        Case(
            "lines end as they did", "spec:\r\n  a: |\r\n    one\r\n  b: 1\r\n", ["a": "one\n"],
            ["a": "one\ntwo\n", "c": 2], "spec:\r\n  a: |\r\n    one\r\n    two\r\n  b: 1\r\n  c: 2\r\n"),
        Case("an expression stays", "spec: {a: '${x}'}\n", ["a": "1"], ["a": "2"], nil),
        Case("an expression in what is gone stays", "spec: {l: ['${x}', b]}\n", ["l": ["a", "b"]], ["l": ["b"]], nil),
        Case("an anchor that is used", "spec: {l: &l [a]}\nother: *l\n", ["l": ["a"]], ["l": ["a", "b"]], nil),
        Case("an alias", "other: &o x\nspec: {a: *o, b: 1}\n", ["a": "x"], ["a": "y"], nil),
        Case("a merged key", "other: &o {a: 1}\nspec: {<<: *o, b: 1}\n", ["a": 1], ["a": 2], nil),
        Case(
            "an anchor that nobody uses", "spec: {l: &l [a]}\n", ["l": ["a"]], ["l": ["a", "b"]],
            "spec: {l: &l [a, b]}\n"),
    ]

    @Test(arguments: cases) func edits(_ one: Case) throws {
        let file = SourceFile(path: "main.yaml", text: one.before)
        let root = try #require(try YAMLReader.read(file).first)
        let spec = try #require(root.mapping?.first { $0.key == "spec" })
        var edit = SpecEdit(file)
        let place = SpecEdit.Place(
            gap: edit.behindColon(spec), end: file.bytes.count, column: 0, isInFlow: false)
        let after: String
        do throws(SpecEdit.Refusal) {
            try edit.change(spec.value, at: place, from: one.old, to: one.new)
            after = String(decoding: try edit.changed(), as: UTF8.self)
        } catch {
            #expect(one.after == nil, "\(error.reason)")
            return
        }
        #expect(after == one.after)
        _ = try YAMLReader.read(SourceFile(path: "main.yaml", text: after))
    }
}
