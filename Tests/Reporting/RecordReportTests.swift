import PlumbModel
import Reporting
import Testing

/// Outputs, state and graph: what is read off without a plan.
@Suite struct RecordReportTests {
    private static let outputs = [
        OutputRecord(name: "url", value: "https://example.org/<a>"),
        OutputRecord(name: "ports", value: .list([80, 443])),
        OutputRecord(name: "password", value: .string("s3cr3t").sensitive()),
        OutputRecord(name: "site", value: ["name": "web", "key": Value.string("HIDDEN").sensitive(), "none": .null]),
        OutputRecord(name: "cidrs", value: .set(["10.0.0.0/8"])),
        OutputRecord(name: "motd", value: "one\ntwo\n"),
    ]

    @Test func outputsRead() throws {
        let report = OutputsReport(RecordReportTests.outputs)
        try GoldenFile.expect(report.render(.narrow), equals: "outputs/terminal")
        try GoldenFile.expect(report.json(), equals: "outputs/json")
        #expect(try report.raw("password") == "s3cr3t")
        #expect(try report.raw("motd") == "one\ntwo\n")
        #expect(try report.json(of: "ports") == "[\n  80,\n  443\n]\n")
    }

    @Test func outputsSayWhatIsWrong() throws {
        let report = OutputsReport(RecordReportTests.outputs)
        let unknown = #expect(throws: Diagnostics.self) { try report.raw("prots") }
        #expect(unknown?.all.first?.detail.contains("Did you mean \"ports\"?") == true)
        let noRawForm = #expect(throws: Diagnostics.self) { try report.raw("ports") }
        #expect(noRawForm?.all.first?.summary == "Output has no raw form")
    }

    private static let record = ResourceRecord(
        address: ResourceAddress("pg_database", "main"), provider: "http.pg",
        values: [
            "name": "main", "password": Value.string("HIDDEN").sensitive(), "owner": .null,
            "grants": [
                ["role": "reader", "tables": ["a", "b"]],
                ["role": "writer", "tables": [Value.string("HIDDEN").sensitive()]],
            ],
            "init": "create table a;\ncreate table b;\n",
        ],
        bookkeeping: Bookkeeping(dependencies: [ResourceAddress("pg_role", "owner")], isProtected: true),
        status: .tainted)

    @Test func stateReads() throws {
        var deposed = RecordReportTests.record
        deposed.deposedKey = "1f2e3d4c"
        let other = ResourceRecord(address: ResourceAddress("builtin_file", "a"), provider: "builtin", values: [:])
        let records = [deposed, RecordReportTests.record, other]
        #expect(StateReport(.plain).list(records) == "builtin_file.a\npg_database.main\npg_database.main\n")
        try GoldenFile.expect(StateReport(.narrow).list(records), equals: "state/list")
        let shown = StateReport(.narrow).show(RecordReportTests.record)
        #expect(!shown.contains("HIDDEN"))
        try GoldenFile.expect(shown, equals: "state/show")
    }

    @Test func historyReads() throws {
        func entry(_ generation: Int64, _ before: Value?, _ after: Value?) -> HistoryEntry {
            HistoryEntry(
                address: ResourceAddress("dns_record", "www"), deposedKey: nil, generation: generation,
                run: generation == 2 ? nil : "3f2a9c1e-0000-4000-8000-000000000000",
                changedAt: 1_741_529_100 + Double(generation) * 86400.5, before: before, after: after)
        }
        let entries = [
            entry(3, ["ttl": 60, "name": "www"], nil),
            entry(2, ["ttl": 300, "name": "www"], ["ttl": 60, "name": "www"]),
            entry(1, nil, ["ttl": 300, "name": "www"]),
        ]
        try GoldenFile.expect(StateReport(.narrow).history(entries), equals: "state/history")
    }

    @Test func runsRead() throws {
        let runs = [
            RunRecord(
                id: "3f2a9c1e", kind: "apply", trigger: "cli", revision: "8d3f0a6c1e2b4a5f9c7d", actor: "ada@host",
                startedAt: 951_782_399, finishedAt: 951_782_402.5, outcome: .succeeded, summary: "Applied in 3.5s."),
            RunRecord(
                id: "77aa", kind: "destroy", trigger: "schedule", revision: nil, actor: "controller",
                startedAt: 4_107_542_399, outcome: .running),
        ]
        try GoldenFile.expect(StateReport(.wide).runs(runs), equals: "state/runs")
    }

    @Test func graphIsDrawn() throws {
        let sketch = GraphSketch(
            nodes: [
                .init(address: "builtin_file.motd[\"a\"]", kind: .resource, action: .create),
                .init(address: "data.http_get.x", kind: .data, action: .read),
                .init(address: "var.region", kind: .variable),
                .init(address: "output.url", kind: .output),
                .init(address: "pg_database.<main>", kind: .resource, action: .replace(createBeforeDestroy: true)),
            ],
            edges: [.init(from: 0, to: 1), .init(from: 1, to: 2), .init(from: 3, to: 4), .init(from: 3, to: 99)])
        try GoldenFile.expect(GraphReport(sketch).dot(), equals: "graph/dot")
        try GoldenFile.expect(GraphReport(sketch).mermaid(), equals: "graph/mermaid")
        try GoldenFile.expect(GraphReport(sketch).svg(), equals: "graph/svg")
    }
}
