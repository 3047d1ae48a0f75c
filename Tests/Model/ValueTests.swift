import PlumbModel
import Testing

@Suite struct ValueTests {
    @Test func valuesStaySmall() {
        #expect(MemoryLayout<Value>.stride <= 24)
    }

    @Test func mapsKeepTheOrderOfTheirKeysBytes() {
        var map = ValueMap([("b", 1), ("a", 2), ("B", 3), ("a", 4), ("é", 5)])
        #expect(map.keys == ["B", "a", "b", "é"])
        #expect(map["a"] == 4 && map["c"] == nil)
        map["aa"] = 6
        map["b"] = nil
        #expect(map.keys == ["B", "a", "aa", "é"])
        #expect(map.merging(["a": 9, "z": 1]).map(\.key) == ["B", "a", "aa", "z", "é"])
        #expect(map.merging(["a": 9])["a"] == 9)
        #expect(map.filter { $0.value == 6 }.keys == ["aa"])
    }

    @Test func setsAreSortedAndDistinct() {
        #expect(Value.set(["b", "a", "b", "C"]).json == "[\"C\",\"a\",\"b\"]")
        #expect(Value.set([10, 9, .number(Number(9.5))]).json == "[9,9.5,10]")
    }

    @Test func marksAreFoundAtAnyDepth() {
        let value: Value = ["a": [1, Value.string("x").sensitive()]]
        #expect(value.containsSensitive && !value.isSensitive)
        #expect(!value.deeplyUnmarked.containsSensitive)
        #expect(Value.object(["a": 1]).sensitive()[key: "a"]?.isSensitive == true)
    }

    @Test(arguments: [
        ("spec.ports[0].name", 4), ("a[\"x y\"].b", 3), ("a[\"q\\\"]\"]", 2), ("", 0), ("[1][2]", 2),
        ("tags[\"a.b\"]", 2),
    ])
    func pathsAreReadAndWritten(_ text: String, _ count: Int) throws {
        let path = try #require(AttributePath(parsing: text))
        #expect(path.steps.count == count)
        #expect(path.description == text)
    }

    @Test(arguments: ["a..b", "a[", "a[x]", "a[\"b]", "a."])
    func whatIsNoPathIsRefused(_ text: String) {
        #expect(AttributePath(parsing: text) == nil)
    }

    @Test func pathsLeadIntoValues() {
        let value: Value = ["a": [Value.object(["b": 1]).sensitive()]]
        #expect(value[path: AttributePath([.key("a"), .index(0), .key("b")])]?.isSensitive == true)
        #expect(value[path: AttributePath([.key("a"), .index(1)])] == nil)
        #expect(AttributePath("a").contains(AttributePath([.key("a"), .index(0)])))
    }

    @Test(arguments: [
        "t.n", "data.t.n", "t.n[0]", "t.n[\"a.b\\\"]\"]", "module.m.t.n", "module.m[\"k\"].module.o[2].data.t.n[\"x\"]",
    ])
    func addressesAreReadAndWritten(_ text: String) {
        #expect(ResourceAddress(parsing: text)?.description == text)
    }

    @Test(arguments: ["t", "t.", "t.n[", "t.n[x]", "t.n[\"a]", "t.n.o", "module.m", ".n", "t.n[-1]"])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(ResourceAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        ("lenght", "length"), ("adress", "address"), ("idd", "id"), ("qqqqqq", nil), ("tpye", "type"),
    ])
    func theNearestNameIsSuggested(_ name: String, _ expected: String?) {
        let candidates = ["length", "address", "id", "type", "name"]
        #expect(Suggestion.nearest(to: name, among: candidates) == expected)
    }

    @Test(arguments: [
        "string", "list(number)", "map(object({cidr = string, size = optional(number, 2)}))", "tuple([string, bool])",
        "set(any)", "object({})", "object({a = optional(list(string), [\"x)\"])})",
    ])
    func typesAreReadAndWritten(_ text: String) {
        #expect(ValueType(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "strin", "list(", "list(string", "object({a})", "object({a = string, a = bool})", "map(string))", "",
    ])
    func whatIsNoTypeIsRefused(_ text: String) {
        #expect(ValueType(parsing: text) == nil)
    }

    @Test(arguments: [
        ("0.5", "0.5"), ("1e3", "1000"), ("1.50", "1.5"), ("-0", "0"), ("1e-7", "0.0000001"),
        ("123456789012345678", "123456789012345678"),
        ("9007199254740993.0", "9007199254740993"),
    ])
    func numbersAreReadAndWritten(_ text: String, _ expected: String) {
        #expect(Number(parsing: text)?.description == expected)
    }

    @Test(arguments: ["", "0x10", "inf", "nan", "1e400", "100000000000000000000", " 1", "1_000"])
    func whatIsNoNumberIsRefused(_ text: String) {
        #expect(Number(parsing: text) == nil)
    }

    @Test func whatIsTheProvidersToGiveStaysUnknown() {
        let planned: Value = ["a": .number(1), "b": .unknown(.string)]
        let declared: Value = ["a": .number(1), "b": .null]
        #expect(planned.filled(from: declared) == declared)
        #expect(planned.filled(from: declared, keepingNulls: true) == planned)
        let given: Value = ["a": .number(1), "b": .string("x")]
        #expect(planned.filled(from: given, keepingNulls: true) == given)
    }
}
