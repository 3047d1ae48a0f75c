import PlumbModel
import Testing

@testable import Reporting

@Suite struct PlanReportTests {
    @Test(arguments: PlanSituation.all)
    func reads(_ situation: PlanSituation) throws {
        try GoldenFile.expect(PlanReport(situation.plan).render(.narrow), equals: "plan/\(situation.name)")
    }

    @Test(arguments: ["everything", "nested", "long-values", "reasons", "destroy"])
    func readsInWideTerminal(_ name: String) throws {
        let situation = try #require(PlanSituation.all.first { $0.name == name })
        try GoldenFile.expect(PlanReport(situation.plan).render(.wide), equals: "plan-wide/\(name)")
    }

    @Test(arguments: ["everything", "nested", "line-differences", "secrets", "hostile-values"])
    func readsInColour(_ name: String) throws {
        let situation = try #require(PlanSituation.all.first { $0.name == name })
        try GoldenFile.expect(PlanReport(situation.plan).render(.coloured), equals: "plan-colour/\(name)")
    }

    @Test(arguments: ["long-values", "destroy", "create-many"])
    func readsInFull(_ name: String) throws {
        let situation = try #require(PlanSituation.all.first { $0.name == name })
        let report = PlanReport(situation.plan, detail: .full)
        try GoldenFile.expect(report.render(.plain), equals: "plan-full/\(name)")
    }

    @Test(arguments: PlanSituation.all, [TerminalStyle.narrow, .wide, .coloured, .plain])
    func neverShowsSecretsNorDrivesTheTerminal(_ situation: PlanSituation, _ style: TerminalStyle) {
        for detail in [PlanReport.Detail.changes, .full] {
            var text = PlanReport(situation.plan, detail: detail).render(style)
            #expect(!text.contains("HIDDEN"))
            #expect(!text.contains("424242"))
            text.replace(#/\u{1B}\[[0-9;]*m/#, with: "")
            let unsafe = text.unicodeScalars.filter { $0 != "\n" && ($0.value < 0x20 || (0x7F..<0xA0) ~= $0.value) }
            #expect(unsafe.isEmpty)
        }
    }

    @Test(arguments: PlanSituation.all)
    func staysWithinTheWidth(_ situation: PlanSituation) {
        // All but the last line, which is never folded.
        for line in PlanReport(situation.plan).render(.narrow).split(separator: "\n").dropLast() {
            #expect(TextWidth.columns(of: line) <= 80, "\(line)")
        }
    }

    @Test func endsWithLineThatCanBeReadAlone() throws {
        let plan = try #require(PlanSituation.all.first { $0.name == "everything" }).plan
        #expect(
            PlanReport(plan).summaryLine
                == "Plan: 1 to create, 1 to change, 1 to replace, 1 to destroy, 1 to read, 1 to forget. 3 outputs change."
        )
    }

    @Test func handsOnLargePlansInPieces() {
        let values: Value = [
            "zone": "example.org.", "name": "host", "ttl": 300, "records": ["192.0.2.1"], "serial": .unknown(.number),
            "comment": "Made for the load test.", "id": .unknown(.string),
        ]
        var plan = Plan(
            mode: .normal,
            origin: PlanOrigin(stack: "s", source: ".", revision: nil, createdAt: 0, version: "1"))
        plan.changes = (0..<10_000).map { creation(ResourceAddress("dns_record", "host", key: .index($0)), values) }
        var sizes: [Int] = []
        PlanReport(plan).render(.coloured) { sizes.append($0.utf8.count) }
        #expect(sizes.count > 10)
        #expect(sizes.max() ?? 0 < 80_000)
    }
}
