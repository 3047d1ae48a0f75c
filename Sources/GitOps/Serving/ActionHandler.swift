internal import HTTPTypes
internal import PlumbModel
internal import Reconciling

/// Takes commands for stacks on.
struct ActionHandler: Sendable {
    /// Bytes of a body: a reason and a digest.
    static let longestBody = 16_384
    private static let longestReason = 1_000

    let plane: any ControlPlane
    let stacks: StackHandlers

    func sync(_ call: Call) async throws(Problem) -> Answer { try await perform("sync", call) { _ in .sync } }

    func checkDrift(_ call: Call) async throws(Problem) -> Answer {
        try await perform("check-drift", call) { _ in .checkDrift }
    }

    func resume(_ call: Call) async throws(Problem) -> Answer { try await perform("resume", call) { _ in .resume } }

    func rollback(_ call: Call) async throws(Problem) -> Answer {
        try await perform("rollback", call) { _ in .rollback }
    }

    func approve(_ call: Call) async throws(Problem) -> Answer {
        try await perform("approve", call, and: "digest") { (body) throws(Problem) in
            guard let digest = body["digest"]?.asString, !digest.isEmpty else {
                throw .unprocessable(
                    "`digest` has to be that of the plan that you have seen: GET /api/v1/stacks/STACK/plan tells it.")
            }
            return .approve(digest: digest)
        }
    }

    func suspend(_ call: Call) async throws(Problem) -> Answer {
        let now = call.now
        return try await perform("suspend", call, and: "until") { (body) throws(Problem) in
            guard let until = body["until"], !until.isNull else { return .suspend(until: nil) }
            guard let text = until.asString, let time = InstantText.seconds(parsing: text) else {
                throw .unprocessable("`until` has to be a time in UTC such as 2026-11-21T15:04:05Z, or left out.")
            }
            guard time > now else {
                throw .unprocessable("`until` is \(text), which has passed. It is \(InstantText.iso(now)) now.")
            }
            return .suspend(until: time)
        }
    }

    private func perform(
        _ name: String, _ call: Call, and attribute: String? = nil,
        _ read: (ValueMap) throws(Problem) -> ControlCommand.Action
    ) async throws(Problem) -> Answer {
        guard let caller = call.caller else { preconditionFailure("actions are for tokens") }
        try call.requireJSON()
        let body = try await body(call, ["reason"] + (attribute.map { [$0] } ?? []))
        let reason = try reason(in: body)
        call.trace.note { $0.reason = reason }
        let stack = try await stacks.status(call).stack
        let action = try read(body)
        let command = ControlCommand(
            stack: stack, action: action, actor: caller.name, reason: reason, address: call.address)
        do throws(Diagnostics) {
            try await plane.perform(command)
        } catch {
            throw Problem(.conflict, error)
        }
        return .json(["stack": .string(stack), "action": .string(name), "accepted": .bool(true)], .accepted)
    }

    private func body(_ call: Call, _ attributes: [String]) async throws(Problem) -> ValueMap {
        let bytes = try await call.body(upTo: ActionHandler.longestBody)
        let value: Value
        do throws(JSONError) {
            value = try Value(json: bytes)
        } catch {
            throw .malformed("The body is no JSON: \(error.message) (byte \(error.offset)).")
        }
        guard let map = value.asMap else {
            throw .unprocessable("The body has to be an object with \(attributes.joined(separator: ", ")).")
        }
        for entry in map where !attributes.contains(entry.key) {
            throw .unprocessable(
                "There is no attribute \"\(entry.key)\"."
                    + "\(Suggestion.didYouMean(entry.key, among: attributes)) There are: "
                    + "\(attributes.joined(separator: ", ")).")
        }
        return map
    }

    private func reason(in body: ValueMap) throws(Problem) -> String {
        guard let reason = body["reason"]?.asString, reason.contains(where: { !$0.isWhitespace }) else {
            throw .unprocessable("`reason` is missing: say in a sentence why, for those who read the log later.")
        }
        guard reason.unicodeScalars.count <= ActionHandler.longestReason else {
            throw .unprocessable("`reason` has more than \(ActionHandler.longestReason) characters.")
        }
        return reason
    }
}
