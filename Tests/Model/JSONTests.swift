import PlumbModel
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "[1,2.5,-3]", "{\"a\":{\"b\":[null,false]}}", "\"a\\n\\\"\\\\\\u003c\"",
        "9223372036854775807",
        "\"é☃😀\"",
    ])
    func whatIsReadIsWrittenAgain(_ text: String) throws {
        #expect(try Value(json: text).json == text)
    }

    @Test func textIsRead() throws {
        #expect(
            try Value(json: " { \"b\" : 1e3 , \"a\" : [ \"\\ud83d\\ude00\\u00e9\\/\" ] } ").json
                == "{\"a\":[\"😀é/\"],\"b\":1000}")
        #expect(try Value(json: "{\"a\":1,\"a\":2}") == ["a": 2])
        #expect(try Value(json: "\"\\ud83dx\"") == "\u{FFFD}x")
        #expect(try Value(json: "0.1") == .number(Number(0.1)))
        #expect(Value.string("\u{2028}<>&\u{01}").json == "\"\\u2028\\u003c\\u003e\\u0026\\u0001\"")
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{a:1}", "nul", "01", "1.", "-", "\"a", "\"\\x\"", "\"\\u12\"", "1 2", "[1 2]",
        "18446744073709551616", "9223372036854775808", "1e400", "\"\n\"", "+1", ".5",
    ])
    func whatIsNoJSONIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try Value(json: text) }
    }

    @Test func nestingIsBounded() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try Value(json: deep) }
    }
}

@Suite struct ArchiveTests {
    static let values: [Value] = [
        .null, true, "text", 1, .number(Number(0.5)), [1, "a", .null], .list(["a"]), .set(["b", "a", "b"]),
        .map(["k": 1]),
        ["o": ["p": .map([:])]], .unknown(.string), .unknown(.object(["a": .list(.number)])),
        Value.string("secret").sensitive(), .list([Value.number(1).sensitive(), 2]), Value.unknown(.any).sensitive(),
        ["$plumb": "sensitive", "value": 1], .map(["$plumb": "x"]), Value.set([["a": 1]]).sensitive(),
    ]

    @Test(arguments: values) func nothingIsLost(_ value: Value) throws {
        let copy = try Value(archived: value.archived)
        #expect(copy == value)
        #expect(copy.archived == value.archived)
    }

    @Test(arguments: [
        "{\"$plumb\":\"odd\",\"value\":1}", "{\"$plumb\":\"unknown\"}", "{\"$plumb\":\"set\",\"value\":1}", "{",
    ])
    func damageIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try Value(archived: text) }
    }
}
