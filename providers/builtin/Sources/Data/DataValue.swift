import PlumbModel
import ProviderAPI

/// `data_value`: holds a value in the state, so that others can wait for it or be replaced with it.
struct DataValue: StateOnlyType, Importing {
    let name = "data_value"
    let schema = Schema([
        AttributeSchema("id", .string, .computed, "A UUID that stays for the life of the resource."),
        AttributeSchema("input", .any, .optional, "Any value; `output` gives it back."),
        AttributeSchema(
            "output", .any, .computed, mirroring: "input",
            "The value of `input`, once it has been applied: whoever refers to it waits for it."),
        AttributeSchema(
            "triggers_replace", .any, .optional, forcesReplacement: true,
            "Any value; a change of it replaces the resource."),
    ])

    /// Written out because benchmarks plan this type by the ten thousand.
    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        let declared = request.declared.asMap
        let input = declared?["input"] ?? .null
        let triggers = declared?["triggers_replace"] ?? .null
        let prior = request.prior?.values.asMap
        let isReplaced = prior.map { triggers != $0["triggers_replace"] ?? .null } ?? false
        let kept = isReplaced ? nil : prior
        let isKnown = kept.map { input == $0["input"] ?? .null } ?? input.isNull
        return ResourcePlan(
            planned: DataValue.values(
                id: kept?["id"] ?? .unknown(.string), input: input,
                output: isKnown ? input : .unknown(input.type), triggers: triggers),
            replacePaths: isReplaced ? [AttributePath("triggers_replace")] : [])
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        ResourceState(
            DataValue.values(
                id: .string(UUIDText.random()), input: request.planned.attribute("input"),
                output: request.planned.attribute("input"), triggers: request.planned.attribute("triggers_replace")))
    }

    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        ResourceState(
            DataValue.values(
                id: request.prior.values.attribute("id"), input: request.planned.attribute("input"),
                output: request.planned.attribute("input"), triggers: request.planned.attribute("triggers_replace")))
    }

    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        ResourceState(DataValue.values(id: .string(id), input: .null, output: .null, triggers: .null))
    }

    private static func values(id: Value, input: Value, output: Value, triggers: Value) -> Value {
        .object(ValueMap([("id", id), ("input", input), ("output", output), ("triggers_replace", triggers)]))
    }
}
