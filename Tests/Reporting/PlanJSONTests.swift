import PlumbModel
import Testing

@testable import Reporting

@Suite struct PlanJSONTests {
    private static func text(_ plan: Plan, _ setting: PlanSetting = PlanSetting(), showsSensitive: Bool = false)
        -> String
    {
        var text = ""
        PlanJSON(plan, in: setting, showsSensitive: showsSensitive).render { text += $0 }
        return text
    }

    @Test(arguments: PlanSituation.all)
    func neverShowsSecrets(_ situation: PlanSituation) throws {
        let text = Self.text(situation.plan)
        #expect(!text.contains("HIDDEN"))
        #expect(!text.contains("424242"))
        #expect(!text.contains("s3cr3t"))
        #expect(try Value(json: text)[key: "format_version"] == "1.2")
    }

    @Test(arguments: ["everything", "reasons", "secrets", "drift", "destroy"])
    func reads(_ name: String) throws {
        guard let situation = PlanSituation.all.first(where: { $0.name == name }) else { return }
        try GoldenFile.expect(
            IndentedJSON.text(try Value(json: Self.text(situation.plan))), equals: "plan-json/\(name)")
    }

    @Test func modulesAreNested() throws {
        let inner = [ResourceAddress.ModuleStep("net", key: .name("a")), .init("sub")]
        let outer = [ResourceAddress.ModuleStep("net", key: .name("a"))]
        var plan = Plan(
            mode: .normal,
            origin: PlanOrigin(stack: "web", source: ".", revision: nil, createdAt: 1_700_000_000, version: "0.1.0"))
        plan.changes = [
            creation(ResourceAddress("data_value", "x", key: .index(0), module: inner), ["input": 1]),
            creation(ResourceAddress("data_value", "y", module: outer), ["input": 2]),
            creation(ResourceAddress("data_value", "z"), ["input": 3]),
            deletion(ResourceAddress("data_value", "w", module: [.init("gone")]), ["input": 4]),
            deletion(ResourceAddress("data_value", "v", module: inner), ["input": 4]),
        ]
        var setting = PlanSetting()
        var sub = PlanConfiguration.Module()
        sub.outputs = [
            .init(name: "o", expression: .init(references: ["data_value.x"]), isSensitive: false, summary: nil)
        ]
        var net = PlanConfiguration.Module()
        net.calls = [.init(name: "sub", source: "./sub", inputs: [], module: sub)]
        net.variables = [.init(name: "size", defaultValue: 1, isSensitive: false, summary: "How many.")]
        var call = PlanConfiguration.ModuleCall(
            name: "net", source: "./net", inputs: [.init(name: "size", expression: .init(constant: 2))], module: net)
        call.forEach = .init(references: ["var.zones"])
        setting.configuration.root.calls = [call]
        plan.checks = [
            CheckResult(.resource(ResourceAddress("data_value", "z", key: .name("a"))), .pass),
            CheckResult(.resource(ResourceAddress("data_value", "z", key: .name("b"))), .fail, problems: ["Too big."]),
            CheckResult(.check("health"), .unknown, in: "module.net[\"a\"]"),
        ]
        try GoldenFile.expect(
            IndentedJSON.text(try Value(json: Self.text(plan, setting))), equals: "plan-json/modules")
    }

    @Test func tenThousandChangesAreWrittenInPieces() throws {
        var plan = Plan(
            mode: .normal,
            origin: PlanOrigin(stack: "web", source: ".", revision: nil, createdAt: 1_700_000_000, version: "0.1.0"))
        plan.changes = (0..<10_000).map {
            creation(ResourceAddress("data_value", "x", key: .index($0)), ["input": "x"])
        }
        var pieces: [Int] = []
        PlanJSON(plan, in: PlanSetting(), showsSensitive: false).render { pieces.append($0.utf8.count) }
        #expect(pieces.count > 10 && pieces.allSatisfy { $0 < 200_000 })
    }
}
