import PlumbModel
import ProviderAPI

/// `time_sleep`: waits, when it is created and when it is destroyed, so that what depends on it comes later.
struct TimeSleep: StateOnlyType {
    let clock: Clock

    let name = "time_sleep"
    let schema = Schema([
        AttributeSchema("create_duration", .string, .optional, "How long a creation waits, such as 30s or 1h30m."),
        AttributeSchema("destroy_duration", .string, .optional, "How long a deletion waits."),
        AttributeSchema(
            "triggers", .map(.string), .optional, forcesReplacement: true,
            "Any values; a change of one makes it wait anew."),
        AttributeSchema("id", .string, .computed, "When the creation was done, RFC 3339, UTC."),
    ])

    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        _ = try DurationText.parse(request.declared, "create_duration")
        _ = try DurationText.parse(request.declared, "destroy_duration")
        return schema.plan(request)
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        try await wait(try DurationText.parse(request.planned, "create_duration"))
        return ResourceState(request.planned.setting(["id": .string(clock.now().rfc3339)]))
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {
        try await wait(try DurationText.parse(request.prior.values, "destroy_duration"))
    }

    private func wait(_ duration: Duration?) async throws(ProviderError) {
        guard let duration else { return }
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw ProviderError(.cancelled, "Cancelled while it waited for \(duration).")
        }
    }
}
