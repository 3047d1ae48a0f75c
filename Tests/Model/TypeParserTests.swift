import PlumbModel
import Testing

struct TypeParserTests {
    static let defaults: [(String, Value)] = [
        ("optional(string, \"a\\n\\u00e9$${x}%%{y}\")", Value.string("a\né${x}%{y}")),
        (
            "optional(any, {a = [1, \"x\", null, true], \"b c\": -1.5})",
            ["a": [1, "x", .null, true], "b c": .number(Number(-1.5))]
        ),
        ("optional(map(string), {})", [:]), ("optional(list(number), [])", []), ("optional(bool, false)", false),
        ("optional(any, {\n  a = 1\n  b = 2\n})", ["a": 1, "b": 2]), ("optional(any, [1, 2,])", [1, 2]),
    ]

    @Test(arguments: defaults)
    func defaultsAreWrittenAsInTerraform(_ text: String, _ expected: Value) throws {
        let type = try #require(ValueType(parsing: "object({x = \(text)})"))
        guard case .object(let attributes) = type else {
            Issue.record("\(type) is no object")
            return
        }
        #expect(attributes.first?.defaultValue == expected)
        #expect(ValueType(parsing: type.description) == type)
    }

    /// Saved plans hold types as texts.
    @Test(arguments: [
        "app.kubernetes.io/name", "$schema", "a b", "a:b", "", "\"", "\\", "a\"=b", "é", "optional", "${x}",
    ])
    func namesThatAreNoWordsAreReadAsTheyAreWritten(_ name: String) {
        let type = ValueType.object([name: .list(.object([name: .string, "b": .number]))])
        #expect(ValueType(parsing: type.description) == type, "\(type)")
    }

    @Test(arguments: [
        "object({\n  a = string\n  b = optional(number)\n})", "object({a = list(any), \"b\" = set(string),})",
        "tuple([])", "object({})",
        "map(list(object({a = tuple([string, any])})))",
    ])
    func shapesOfTypes(_ text: String) {
        #expect(ValueType(parsing: text) != nil)
    }

    @Test(arguments: [
        "object({a = string b = number})", "object({a = optional()})", "object({a = optional(string, upper(\"x\"))})",
        "object({a = optional(string, \"${x}\")})", "list(optional(string))",
        "object({a = optional(string, \"a\", 1)})",
        "object({a = optional(any, [1 2])})", "object({a = optional(any, {a = 1 b = 2})})",
        "object({a = string, a = number})",
        "object({a = optional(number, 99999999999999999999)})", "tuple(string)", "list(string, number)",
        "optional(string)",
    ])
    func whatIsNoType(_ text: String) {
        #expect(ValueType(parsing: text) == nil)
    }
}
