import Expressions
import PlumbModel
import Testing

@Suite struct OperatorTests {
    @Test(arguments: [
        ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("10 - 4 - 3", "3"), ("2 * 3 % 4", "2"), ("-2 + 3", "1"),
        ("1 + 2 == 3 && 4 > 3", "true"), ("true || false && false", "true"), ("!false && false", "false"),
        ("1 < 2 == true", "true"), ("false ? 1 : true ? 2 : 3", "2"), ("-{a = 5}.a", "-5"), ("!!true", "true"),
        ("1 == 1 ? \"a\" : \"b\"", "\"a\""), ("\"10\" > 9", "true"), ("5.5 % 2", "1.5"), ("-5 % 3", "-2"),
    ])
    func precedence(_ text: String, _ expected: String) throws {
        #expect(try evaluate(text).json == expected)
    }

    @Test(arguments: [
        ("0.1 + 0.2", "0.3"), ("0.1 * 3", "0.3"), ("1.1 * 1.1", "1.21"), ("0.3 / 0.1", "3"), ("7 / 3 * 3", "7"),
        ("1e-7", "0.0000001"), ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"), ("4611686018427387904 + 1", "4611686018427387905"),
    ])
    func numbersAreExact(_ text: String, _ expected: String) throws {
        #expect(try evaluate(text).json == expected)
    }

    @Test(arguments: [
        "9223372036854775807 + 1", "9223372036854775808", "9007199254740993 * 9007199254740993", "pow(2, 64)",
        "0.12345678901234567890123", "-(-9223372036854775807 - 1)",
    ])
    func nothingIsRoundedSilently(_ text: String) {
        #expect(problem(text) != nil)
    }

    @Test func aDecidedConditionIgnoresTheOtherBranchAndSide() throws {
        #expect(try evaluate("true ? 1 : [1][7]").json == "1")
        #expect(try evaluate("false && [true][7]").json == "false")
        #expect(try evaluate("true || [true][7]").json == "true")
        #expect(problem("true && [true][7]")?.summary == "Invalid index")
    }

    @Test func branchesAreBroughtToOneType() throws {
        #expect(try evaluate("true ? 1 : \"a\"") == "1")
        #expect(try evaluate("true ? [1, \"a\"] : [true]") == .list(["1", "a"]))
        #expect(try evaluate("true ? {a = 1} : {b = \"x\"}") == .map(["a": "1"]))
        #expect(try evaluate("true ? null : {a = 1}") == .null)
        #expect(problem("true ? {a = 1} : {a = [1]}")?.summary == "Inconsistent conditional result types")
    }
}

@Suite struct TemplateTests {
    @Test(arguments: [
        ("a${1 + 1}b", "a2b"), ("$${x}", "${x}"), ("%%{x}", "%{x}"), ("$5 and 7% {}", "$5 and 7% {}"),
        ("a $${b} ${1}", "a ${b} 1"), ("%{ if true }yes%{ else }no%{ endif }", "yes"),
        ("%{ for k, v in {a = 1, b = 2} }${k}=${v};%{ endfor }", "a=1;b=2;"), ("a  ${~ 1 ~}  b", "a1b"),
        ("a\n  %{ if true ~}\n\n   y\n  %{~ endif }\nz", "a\n  \n   y\n\nz"), ("${\"in ${\"ner\"}\"}!", "in ner!"),
        ("${join(\",\", [for x in [\"}\"] : x])}.", "}."), ("${1}${2}", "12"),
    ])
    func scalars(_ text: String, _ expected: String) throws {
        #expect(try evaluate(scalar: text) == .string(expected))
    }

    @Test func oneWholeExpressionKeepsItsType() throws {
        #expect(try evaluate(scalar: "${[1, true]}") == [1, true])
        #expect(try evaluate(scalar: "${ null }") == .null)
        #expect(try evaluate(scalar: "${1} ") == "1 ")
    }

    @Test func hereDocumentsLoseTheirIndentation() throws {
        #expect(try evaluate("<<-END\n    a ${1}\n      b\n    END\n") == "a 1\n  b\n")
        #expect(try evaluate("upper(<<END\n  a\nEND\n)") == "  A\n")
        #expect(problem("<<END\na")?.summary == "Unclosed here document")
    }

    @Test(arguments: [
        ("${1", "Unclosed interpolation"), ("a ${\"b}", "Unclosed string"), ("%{ if true }a", "Invalid template"),
        ("%{ endif }", "Invalid template"), ("%{ for x in [1] }a%{ endif }", "Invalid template"),
        ("${}", "Invalid expression"), ("${(1}", "Invalid expression"), ("${[1", "Unclosed bracket"),
        ("${\"\\q\"}", "Invalid escape"), ("${1 1}", "Invalid expression"), ("a${[1]}", "Unsuitable value type"),
        ("a${null}", "Unexpected null"),
    ])
    func problems(_ text: String, _ summary: String) {
        let found = #expect(throws: Diagnostics.self) { try evaluate(scalar: text) }
        #expect(found?.all.first?.summary == summary)
    }

    @Test func templateFilesSeeWhatTheyAreGiven() throws {
        var scope = FixedScope()
        scope.files = MemorySource(
            name: "test",
            contents: [
                "t/list.tpl": Array("%{ for x in names ~}\n- ${x}\n%{ endfor ~}\n".utf8),
                "var.tpl": Array("${var.secret}".utf8), "self.tpl": Array("${templatefile(\"self.tpl\", {})}".utf8),
            ])
        #expect(try evaluate("templatefile(\"./t/../t/list.tpl\", {names = [\"a\", \"b\"]})", scope) == "- a\n- b\n")
        #expect(problem("templatefile(\"var.tpl\", {})", scope)?.summary == "Invalid reference")
        #expect(problem("templatefile(\"self.tpl\", {})", scope)?.detail.contains("may not render another") == true)
        #expect(problem("file(\"../etc/passwd\")", scope)?.detail.contains("leads out of the stack") == true)
        #expect(problem("file(\"/etc/passwd\")", scope)?.detail.contains("leads out of the stack") == true)
        #expect(try evaluate("fileexists(\"none\")", scope) == false)
        #expect(try evaluate("fileset(\"t\", \"*.tpl\")", scope) == .set(["list.tpl"]))
    }
}
