import PlumbModel
import Testing

@testable import Reporting

/// What a plan document says of moves, imports, waits and what is kept.
struct PlanJSONChangesTests {
    private static let origin = PlanOrigin(
        stack: "web", source: ".", revision: nil, createdAt: 1_700_000_000, version: "0.1.0")

    private static func document(_ plan: Plan, _ setting: PlanSetting = PlanSetting()) throws -> Value {
        var text = ""
        PlanJSON(plan, in: setting, showsSensitive: false).render { text += $0 }
        return try Value(json: text)
    }

    private static func changes(_ document: Value) -> [String: Value] {
        Dictionary(
            (document[key: "resource_changes"]?.asList ?? []).map { ($0[key: "address"]?.asString ?? "", $0) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func change(
        _ address: ResourceAddress, _ action: PlannedChange.Action, _ reason: PlannedChange.Reason,
        retainsOld: Bool = false
    ) -> PlannedChange {
        PlannedChange(
            address: address, action: action, reason: reason, provider: "builtin", before: ["input": 1],
            after: action == .forget ? nil : ["input": 1], retainsOld: retainsOld)
    }

    @Test func movesAndImportsStandBesideTheChange() throws {
        let (moved, taken) = (ResourceAddress("data_value", "b"), ResourceAddress("data_value", "c"))
        var plan = Plan(mode: .normal, origin: Self.origin)
        plan.moves = [PlannedMove(from: ResourceAddress("data_value", "a"), to: moved, declaredAt: nil)]
        plan.imports = [
            PlannedImport(
                address: taken, id: "one", provider: "builtin", values: ["input": 1], privateData: nil,
                bookkeeping: Bookkeeping(), declaredAt: nil)
        ]
        var setting = PlanSetting()
        setting.unchanged = [moved, taken]
        setting.prior = [moved, taken].map { address in
            PlanSetting.PriorResource(
                address: address, deposedKey: nil, provider: "builtin", values: ["input": 1], dependencies: [],
                isTainted: false)
        }
        let changes = Self.changes(try Self.document(plan, setting))
        #expect(changes["data_value.b"]?[key: "previous_address"] == "data_value.a")
        #expect(changes["data_value.b"]?[key: "change"]?[key: "importing"] == nil)
        #expect(changes["data_value.c"]?[key: "previous_address"] == nil)
        #expect(changes["data_value.c"]?[key: "change"]?[key: "importing"] == ["id": "one"])
        for change in changes.values { #expect(change[key: "change"]?[key: "actions"]?.json == #"["no-op"]"#) }
    }

    @Test(
        arguments: [
            (PlannedChange.Action.wait, PlannedChange.Reason.notReady, false, #"["no-op"]"#, nil),
            (.forget, .removed, false, #"["forget"]"#, "delete_because_no_resource_config"),
            (.delete, .wrongRepetition, false, #"["delete"]"#, "delete_because_wrong_repetition"),
            (.update, .imported, false, #"["update"]"#, nil),
            (
                .replace(createBeforeDestroy: false), .cannotUpdate, true, #"["create","forget"]"#,
                "replace_because_cannot_update"
            ),
        ] as [(PlannedChange.Action, PlannedChange.Reason, Bool, String, String?)])
    func actionsAndReasonsAreTerraforms(
        _ action: PlannedChange.Action, _ reason: PlannedChange.Reason, _ retainsOld: Bool, _ actions: String,
        _ word: String?
    ) throws {
        var plan = Plan(mode: .normal, origin: Self.origin)
        plan.changes = [Self.change(ResourceAddress("data_value", "a"), action, reason, retainsOld: retainsOld)]
        let change = try #require(Self.changes(try Self.document(plan))["data_value.a"])
        #expect(change[key: "change"]?[key: "actions"]?.json == actions)
        #expect(change[key: "action_reason"]?.asString == word)
    }

    @Test func whatIsForgottenStaysWithoutValues() throws {
        var plan = Plan(mode: .normal, origin: Self.origin)
        plan.changes = [Self.change(ResourceAddress("data_value", "a"), .forget, .removed)]
        let planned = try Self.document(plan)[key: "planned_values"]?[key: "root_module"]?[key: "resources"]?.asList
        #expect(planned?.count == 1)
        #expect(planned?.first?[key: "values"] == nil && planned?.first?[key: "sensitive_values"] == false)
    }

    /// Readers need not know of groups.
    @Test func stepsSayAllThatTheyWaitFor() throws {
        var plan = Plan(mode: .normal, origin: Self.origin)
        plan.changes = (0..<4).map { creation(ResourceAddress("data_value", "x", key: .index($0)), ["input": 1]) }
        plan.groups = [[1, 2]]
        plan.steps = (0..<3).map { PlannedStep(change: $0, kind: .create, after: []) }
        plan.steps.append(PlannedStep(change: 3, kind: .create, after: [0, 1], afterGroups: [0]))
        let steps = try Self.document(plan)[key: "plumbline_steps"]?.asList
        #expect(steps?.map { $0[key: "after"]?.json ?? "" } == ["[]", "[]", "[]", "[0,1,2]"])
    }
}
