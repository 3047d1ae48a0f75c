import PlumbModel
import Testing

@Suite struct ValueArchiveTests {
    private static let forms: [(Value, String)] = [
        (Value.string("s").sensitive(), #"{"$plumb":"sensitive","value":"s"}"#),
        (.unknown(.list(.string)), #"{"$plumb":"unknown","type":"list(string)"}"#),
        (.list([1]), #"{"$plumb":"list","value":[1]}"#), (.set(["b", "a"]), #"{"$plumb":"set","value":["a","b"]}"#),
        (.map(["k": 1]), #"{"$plumb":"map","value":{"k":1}}"#), (["a", .null, true], #"["a",null,true]"#),
        (["$plumb": "set"], #"{"$plumb":"object","value":{"$plumb":"set"}}"#),
        (.map(["$plumb": "set"]), #"{"$plumb":"map","value":{"$plumb":"set"}}"#),
        (
            Value.list([Value.bool(true).sensitive()]).sensitive(),
            #"{"$plumb":"sensitive","value":{"$plumb":"list","value":[{"$plumb":"sensitive","value":true}]}}"#
        ),
    ]

    @Test(arguments: forms)
    func archives(_ value: Value, _ text: String) throws {
        #expect(value.archived == text)
        #expect(try Value(archived: text) == value)
    }

    @Test(arguments: [
        #"{"$plumb":"set"}"#, #"{"$plumb":"set","value":1}"#, #"{"$plumb":"other","value":1}"#, #"{"$plumb":1}"#,
        #"{"$plumb":"unknown","type":"no type"}"#, #"{"$plumb":"set","value":[1],"more":2}"#, "", "[1", "{\"a\" 1}",
    ])
    func refusesWhatIsNoArchive(_ text: String) {
        #expect(throws: JSONError.self) { try Value(archived: text) }
    }

    private static let texts: [(String, Value)] = [
        (#"" \" \\ \/ \b\f\n\r\t""#, .string(" \" \\ / \u{8}\u{C}\n\r\t")),
        (#""\u00e9\u0041\ud83d\ude00""#, "éA😀"), (#""\ud83dx""#, "\u{FFFD}x"), ("-0", 0), ("-12", -12),
        ("9223372036854775807", .number(Number(Int.max))), ("-9223372036854775808", .number(Number(Int.min))),
        ("999999999999999999", .number(999_999_999_999_999_999)), ("1.5e3", 1500), ("1e0", 1),
        ("0.25", .number(Number(0.25))),
        (" { \"b\" : [ ] , \"a\" : { } , \"b\" : 2 } ", ["a": .object(ValueMap()), "b": 2]),
    ]

    @Test(arguments: texts)
    func readsJSON(_ text: String, _ value: Value) throws {
        #expect(try Value(json: text) == value)
    }

    @Test(arguments: [
        "01", "-", "1.", "1e", "+1", "tru", "nul", #"{"a":1,}"#, "[1,]", #"{"a"}"#, #""\x""#, #""\u12""#, #""\u+123""#,
        "\"a",
        "\"\n\"", "1 2", "1e999", "{1:2}", "\u{0}",
    ])
    func refusesWhatIsNoJSON(_ text: String) {
        #expect(throws: JSONError.self) { try Value(json: text) }
    }

    @Test func writesJSONAsTerraformDoes() {
        let text: Value = .string("<a>&\u{1}\u{2028}é\u{2029}€\"\\\n")
        #expect(text.json == #""\u003ca\u003e\u0026\u0001\u2028é\u2029€\"\\\n""#)
        #expect(Value.map(["k": Value.set([1]).sensitive()]).json == #"{"k":[1]}"#)
    }

    @Test func refusesDeepNesting() {
        #expect(throws: JSONError.self) { try Value(json: String(repeating: "[", count: 100_000)) }
    }
}

@Suite struct ResourceAddressParsingTests {
    @Test(arguments: [
        "a.b", "a.b[0]", #"a.b["k"]"#, #"a.b["k\"\\]\n"]"#, "data.a.b", #"module.m["x.y"].module.n[2].data.a.b[1]"#,
        "ü-1.b_2", #"a.b[""]"#,
    ])
    func readsWhatItWrites(_ text: String) throws {
        let address = try #require(ResourceAddress(parsing: text))
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "a", "a.", ".b", "a.b.c", "a.b[", "a.b[]", "a.b[-1]", "a.b[x]", #"a.b["k]"#, #"a.b["k\"]"#, "a.b[0]x",
        "module.m", "module.a.b", "a b.c", "a.b[99999999999999999999]", "a.b[\"k\n\"]",
    ])
    func refusesWhatIsNone(_ text: String) {
        #expect(ResourceAddress(parsing: text) == nil)
    }
}
