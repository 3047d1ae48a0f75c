import PlumbModel
import ProviderAPI
import Testing

/// What the default planning makes of declared and prior values.
@Suite struct SchemaPlanningTests {
    private let schema = Schema([
        AttributeSchema("name", .string, .required, forcesReplacement: true),
        AttributeSchema("size", .number, .optional, default: 1),
        AttributeSchema("note", .string, .optional),
        AttributeSchema(
            "host", .string, .optional, default: "Example.org", normalisation: SchemaPlanningTests.caseless),
        AttributeSchema("zone", .string, .optionalComputed),
        AttributeSchema("id", .string, .computed),
        AttributeSchema("version", .number, .computed, volatile: true),
    ])

    private static let caseless = Normalisation("case") { .string($0.asString?.lowercased() ?? "") }

    private let live: Value = [
        "name": "a", "size": 1, "note": .null, "host": "EXAMPLE.ORG", "zone": "z1", "id": "7", "version": 3,
    ]

    private func plan(_ declared: Value, prior: Value? = nil) -> ResourcePlan {
        schema.plan(PlanRequest(prior: prior.map { ResourceState($0) }, declared: declared))
    }

    @Test func creationLeavesOnlyComputedOnesOpen() {
        let plan = plan(["name": "a"])
        #expect(
            plan.planned == [
                "name": "a", "size": 1, "note": .null, "host": "Example.org", "zone": .unknown(.string),
                "id": .unknown(.string), "version": .unknown(.number),
            ])
        #expect(plan.replacePaths.isEmpty)
    }

    @Test func nothingChangedPlansExactlyWhatIs() {
        #expect(plan(["name": "a"], prior: live).planned == live)
        #expect(plan(["name": "a", "host": "example.ORG"], prior: live).planned == live)
    }

    @Test func updateOpensVolatileOnesAlone() {
        let plan = plan(["name": "a", "size": 2], prior: live)
        #expect(plan.replacePaths.isEmpty)
        #expect(plan.planned[key: "id"] == "7")
        #expect(plan.planned[key: "zone"] == "z1")
        #expect(plan.planned[key: "version"] == .unknown(.number))
    }

    @Test func replacementOpensEverythingComputed() {
        let plan = plan(["name": "b"], prior: live)
        #expect(plan.replacePaths == [AttributePath("name")])
        #expect(plan.planned[key: "id"] == .unknown(.string))
        #expect(plan.planned[key: "zone"] == .unknown(.string))
    }

    @Test func declaredComputedOneWins() {
        #expect(plan(["name": "a", "zone": "z2"]).planned[key: "zone"] == "z2")
        let replaced = plan(["name": "b", "zone": "z2"], prior: live)
        #expect(replaced.planned[key: "zone"] == "z2")
    }

    @Test func unknownCountsAsChange() {
        let plan = plan(["name": .unknown(.string)], prior: live)
        #expect(plan.replacePaths == [AttributePath("name")])
        #expect(plan.planned[key: "name"] == .unknown(.string))
    }

    @Test func removedOptionalBecomesNullOrItsDefault() {
        let prior = Value.object((live.asMap ?? ValueMap()).merging(["note": "x", "size": 9]))
        let planned = plan(["name": "a"], prior: prior).planned
        #expect(planned[key: "note"] == .null)
        #expect(planned[key: "size"] == 1)
    }

    @Test func computedOneCannotBeDeclared() {
        #expect(plan(["name": "a", "id": "mine"]).planned[key: "id"] == .unknown(.string))
    }
}
