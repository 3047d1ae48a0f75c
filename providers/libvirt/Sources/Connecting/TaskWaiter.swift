import PlumbModel
import ProviderAPI

/// Waits for slow work that the gateway does in the background.
struct TaskWaiter: Sendable {
    /// How a task ended.
    enum Ending: Sendable {
        case succeeded
        /// The gateway does not know it: it was started anew meanwhile.
        case lost
    }

    let gateway: GatewayClient

    /// - Parameter task: the body of a 202.
    /// - Throws: why the work failed.
    func wait(for task: Value, _ what: String) async throws(ProviderError) -> Ending {
        guard let id = task[key: "id"]?.asString else {
            throw ProviderError(
                .unexpected, "\(what): the gateway has accepted it without naming a task", isOutcomeUnknown: true)
        }
        var current = task
        while current[key: "state"]?.asString == "running" {
            ProviderProgress.report(what)
            // The answer comes when the task ends; a short setting for requests must not end the wait.
            let seconds = gateway.settings.timeout > .seconds(25) ? 20 : 0
            if seconds == 0 { try await Pause.sleep(.milliseconds(250), what) }
            guard let next = try await gateway.find("/v1/tasks/\(id)", query: [("wait", "\(seconds)")]) else {
                return .lost
            }
            current = next
        }
        if current[key: "state"]?.asString == "succeeded" { return .succeeded }
        let problem = current[key: "problem"] ?? .null
        throw Refusal(problem, status: problem[key: "status"]?.asInt ?? 500, summary: what).error(changes: true)
    }
}

/// Sleeps as a provider does: a cancellation is its own kind of error.
enum Pause {
    static func sleep(_ duration: Duration, _ what: String) async throws(ProviderError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw ProviderError(.cancelled, "\(what): cancelled while waiting", isOutcomeUnknown: true)
        }
    }
}
