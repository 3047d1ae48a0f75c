import PlumbModel
import ProviderAPI

/// `random_uuid`: a random UUID that stays until `keepers` change.
struct RandomUUID: StateOnlyType, Importing {
    let name = "random_uuid"
    let schema = Schema([
        .keepers,
        AttributeSchema("result", .string, .computed, "The UUID (version 4, lower case)."),
        AttributeSchema("id", .string, .computed, "The same as `result`."),
    ])

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        let uuid = Value.string(UUIDText.random())
        return ResourceState(request.planned.setting(["result": uuid, "id": uuid]))
    }

    /// `id` is the UUID itself.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        guard UUIDText.isUUID(id) else {
            throw ProviderError(.invalid, "\"\(id)\" is no UUID: random_uuid is imported by its UUID.")
        }
        return ResourceState(["keepers": .null, "result": .string(id), "id": .string(id)])
    }
}

extension AttributeSchema {
    /// What all random types have in common.
    static let keepers = AttributeSchema(
        "keepers", .map(.string), .optional, forcesReplacement: true,
        "Any values; a change of one makes a new random result.")
}
