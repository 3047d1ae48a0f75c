import PlumbModel
import Reporting
import Testing

/// What is recorded, as a spec would declare it, and what is told of rows that moved.
struct DeclarationReportTests {
    private static let schema = Schema([
        AttributeSchema("name", .string, .required, forcesReplacement: true),
        AttributeSchema("text", .string, .optional),
        AttributeSchema("word", .string, .optional),
        AttributeSchema("mode", .string, .optional, default: "0644"),
        AttributeSchema("ports", .list(.any), .optional),
        AttributeSchema("tags", .map(.string), .optional),
        AttributeSchema("empty", .list(.string), .optional),
        AttributeSchema("size", .number, .optionalComputed),
        AttributeSchema("password", .string, .optional, sensitive: true),
        AttributeSchema("keys", .map(.string), .optional),
        AttributeSchema("nothing", .string, .optional),
        AttributeSchema("id", .string, .computed),
    ])

    private static let record = ResourceRecord(
        address: ResourceAddress("sample_thing", "web"), provider: "sample.second",
        values: [
            "name": "web.example.org", "text": "a ${b}\n  %{c}\n\nlast", "word": "yes: no # ${x}", "mode": "0644",
            "ports": [80, ["name": "https", "port": 443, "more": ["a", ["b"], [:]]], "x"],
            "tags": ["owner": "me", "odd key": "true", "": ""], "empty": [], "size": 5,
            "password": Value.string("hush").sensitive(), "keys": ["a": Value.string("hush").sensitive()],
            "nothing": .null, "id": "4711",
        ])

    @Test func aSpecIsWritten() throws {
        let report = DeclarationReport(Self.record, schema: Self.schema, provider: "sample.second")
        let yaml = report.yaml()
        #expect(!yaml.contains("hush"))
        try GoldenFile.expect(yaml, equals: "declaration/everything")
    }

    @Test func nothingToDeclareIsAnEmptySpec() {
        let record = ResourceRecord(address: ResourceAddress("a", "b"), provider: "p", values: ["id": "1"])
        let schema = Schema([AttributeSchema("id", .string, .computed)])
        #expect(
            DeclarationReport(record, schema: schema, provider: nil).yaml() == "resources:\n  a.b:\n    spec: {}\n")
    }

    @Test func aMoveIsToldInTheHistory() {
        let entry = HistoryEntry(
            address: ResourceAddress("vm", "new"), deposedKey: nil, generation: 7, run: "run", changedAt: 1_741_529_100,
            before: ["a": 1], after: ["a": 1], movedFrom: ResourceAddress("vm", "old"))
        #expect(
            StateReport(.narrow).history([entry])
                == "> 2025-03-09T14:05:00Z  vm.new  moved from vm.old, generation 7  run run\n")
    }
}
