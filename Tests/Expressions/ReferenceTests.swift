import Expressions
import PlumbModel
import Testing

@Suite struct ReferenceTests {
    private func references(_ text: String) throws -> [FoundReference] {
        try ExpressionParser.parse(expression: SourceFile(path: "test", text: text)).references
    }

    @Test func everythingNamedIsFoundInOrder() throws {
        let found = try references(
            "var.a + local.b + data.t.n.x + t.n[\"k\"].id + t.n[0].id + t.n[each.key].id + module.m.o + upper(t.o.id)")
        #expect(
            found.map(\.reference) == [
                .variable("a"), .local("b"), .resource(ResourceAddress("t", "n", mode: .data)),
                .resource(ResourceAddress("t", "n")), .resource(ResourceAddress("t", "n")),
                .resource(ResourceAddress("t", "n")), .eachKey, .module("m"), .resource(ResourceAddress("t", "o")),
            ])
        #expect(found.map(\.key) == [nil, nil, nil, .name("k"), .index(0), nil, nil, nil, nil])
        #expect(found[3].range.text == "t.n[\"k\"]")
        #expect(found[2].range.text == "data.t.n")
    }

    @Test func boundNamesAreLeftOut() throws {
        let found = try references(
            "[for k, v in var.m : \"${k}${v.x}${[for var in [1] : var]}%{ for t in v }${t.n}%{ endfor }\"]")
        #expect(found.map(\.reference) == [.variable("m")])
    }

    @Test(arguments: [
        ("self.id", Reference.selfResource), ("each.value.x", .eachValue), ("count.index", .countIndex),
        ("path.stack", .path("stack")), ("path.root", .path("root")), ("stack.revision", .stack("revision")),
        ("env.HOME", .environment("HOME")),
        ("aws_vpc.main-1[*].id", .resource(ResourceAddress("aws_vpc", "main-1"))),
    ])
    func roots(_ text: String, _ expected: Reference) throws {
        #expect(try references(text).map(\.reference) == [expected])
    }

    @Test(arguments: [
        ("foo", "TYPE.NAME"), ("flase", "Did you mean \"false\"?"), ("each.foo", "each.key, each.value"),
        ("each.vlaue", "Did you mean \"value\"?"), ("count.idx", "only count.index"), ("var", "var.NAME"),
        ("data.x", "data.TYPE.NAME"), ("path.cdw", "path.stack"), ("stack.nam", "Did you mean \"name\"?"),
        ("module[0]", "module.NAME"),
    ])
    func invalidReferencesSayWhatWasMeant(_ text: String, _ part: String) {
        let found = problem(text)
        #expect(found?.summary == "Invalid reference")
        #expect(found?.detail.contains(part) == true, "\(found?.detail ?? "none")")
    }

    @Test func anInstanceIsAskedForAlone() throws {
        // The scope has no answer for the whole resource, so that asking for it would fail.
        let scope = FixedScope(resources: [ResourceAddress("t", "n", key: .name("a key")): ["id": "x"]])
        #expect(try evaluate("t.n[each.key].id", scope) == "x")
    }

    @Test func partsWithoutExpressionsAreConstants() throws {
        let file = SourceFile(path: "a.yaml", text: "[1, $${x}, ${var.a}]")
        let range = SourceRange(file: file, start: 0, end: 1)
        func scalar(_ text: String) -> SpecificationNode {
            SpecificationNode(.scalar(Scalar(text: text, style: .doubleQuoted, value: .string(text))), at: range)
        }
        guard
            case .constant(let value, _) = try ExpressionParser.parse(
                SpecificationNode(.sequence([scalar("a"), scalar("$${x}")]), at: range))
        else {
            Issue.record("a list of constants is a constant")
            return
        }
        #expect(value == ["a", "${x}"])
        let mixed = try ExpressionParser.parse(
            SpecificationNode(.sequence([scalar("a"), scalar("${var.a}")]), at: range))
        #expect(mixed.references.map(\.reference) == [.variable("a")])
    }

    @Test func allProblemsOfANodeAreToldTogether() {
        let file = SourceFile(path: "a.yaml", text: "${foo} ${1 +}")
        func scalar(_ text: String, _ start: Int) -> SpecificationNode {
            SpecificationNode(
                .scalar(Scalar(text: text, style: .plain, value: .string(text))),
                at: SourceRange(file: file, start: start, end: start + text.utf8.count))
        }
        let node = SpecificationNode(
            .sequence([scalar("${foo}", 0), scalar("${1 +}", 7)]), at: SourceRange(file: file, start: 0, end: 13))
        let found = #expect(throws: Diagnostics.self) { try ExpressionParser.parse(node) }
        #expect(found?.all.map(\.summary) == ["Invalid reference", "Invalid expression"])
    }
}
