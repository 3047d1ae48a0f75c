import Expressions
import PlumbModel
import Testing

@Suite struct ConversionTests {
    static let zone =
        ValueType(parsing: "object({cidr = string, size = optional(number, 2), tag = optional(string)})") ?? .any

    @Test func valuesBecomeWhatIsAskedFor() throws {
        #expect(try Value.number(1).converted(to: .string) == "1")
        #expect(try Value.string("1e2").converted(to: .number) == 100)
        #expect(try Value.string("true").converted(to: .bool) == true)
        #expect(try Value.tuple([1, "a"]).converted(to: .list(.string)) == .list(["1", "a"]))
        #expect(try Value.tuple([2, 1, 2]).converted(to: .set(.number)) == .set([1, 2]))
        #expect(try Value.object(["a": 1]).converted(to: .map(.string)) == .map(["a": "1"]))
        #expect(try Value.object(["cidr": "x"]).converted(to: Self.zone) == ["cidr": "x", "size": 2, "tag": .null])
        #expect(try Value.null.converted(to: .number) == .null)
        #expect(try Value.unknown(.string).converted(to: .number) == .unknown(.number))
        #expect(try Value.string("1").sensitive().converted(to: .number) == Value.number(1).sensitive())
    }

    @Test func aVariableTakesAWiderObject() throws {
        let type = try #require(
            ValueType(parsing: "list(object({a = string, b = optional(object({c = number}), {c = 1})}))"))
        let given: Value = [["a": 1, "extra": true], ["a": "x", "b": ["c": "2", "d": 3]]]
        let value = try given.narrowed(to: type).converted(to: type)
        #expect(value == .list([["a": "1", "b": ["c": 1]], ["a": "x", "b": ["c": 2]]]))
    }

    static let misfits: [(Value, ValueType, String, String)] = [
        (Value.string("x"), ValueType.number, "", "a number is required"),
        ([1, ["a"]], .list(.string), "[1]", "a string is required"),
        (["cdir": "x"], zone, "", "\"cidr\" is required"),
        (["cidr": "x", "sise": 1], zone, "sise", "Did you mean \"size\"?"),
        (["cidr": "x", "size": "big"], zone, "size", "a number is required"),
        (1, .list(.any), "", "a list is required, but this is a number"),
        (.unknown(.list(.string)), .string, "", "a string is required, but this is a list"),
        (true, .number, "", "a number is required"),
        ([[1], "a"], .list(.any), "", "the same type"),
    ]

    @Test(arguments: misfits)
    func whatDoesNotFitSaysWhere(_ value: Value, _ type: ValueType, _ path: String, _ part: String) {
        let found = #expect(throws: ConversionError.self) { try value.converted(to: type) }
        #expect(found?.path.description == path)
        #expect(found?.message.contains(part) == true, "\(found?.message ?? "")")
    }
}
