internal import HTTPTypes
internal import PlumbModel
internal import Reconciling
internal import StateBackendAPI

/// What the API shows of stacks.
struct StackHandlers: Sendable {
    let plane: any ControlPlane
    let store: any ControllerStore
    let feed: EventFeed

    func list(_ call: Call) async throws(Problem) -> Answer {
        let stacks = try await reading { () async throws(Diagnostics) in try await plane.stacks() }
        return .items(stacks.filter { call.caller?.covers($0.stack) == true }.map(StatusText.value))
    }

    func show(_ call: Call) async throws(Problem) -> Answer { .json(StatusText.value(try await status(call))) }

    func runs(_ call: Call) async throws(Problem) -> Answer {
        let limit = try call.integer("limit", in: 1...1_000) ?? 50
        let stack = try await status(call).stack
        let runs = try await reading { () async throws(Diagnostics) in
            try await plane.runs(of: stack, limit: Int(limit))
        }
        return .items(runs.map(StatusText.value))
    }

    func plan(_ call: Call) async throws(Problem) -> Answer {
        let stack = try await status(call).stack
        let plan = try await reading { () async throws(Diagnostics) in try await plane.plan(of: stack) }
        guard let plan else {
            throw Problem(.notFound, "No plan", "The stack \"\(stack)\" was not planned yet, or its plan was not kept.")
        }
        return .json(raw: "{\"digest\":\(Value.string(plan.digest).json),\"plan\":\(plan.document)}")
    }

    func drift(_ call: Call) async throws(Problem) -> Answer {
        let stack = try await status(call).stack
        let drift = try await reading { () async throws(Diagnostics) in try await plane.drift(of: stack) }
        return .items(drift.map(StatusText.value))
    }

    func resources(_ call: Call) async throws(Problem) -> Answer {
        let stack = try await status(call).stack
        let (resources, drift) = try await reading { () async throws(Diagnostics) in
            (try await plane.resources(of: stack), try await plane.drift(of: stack))
        }
        let counting = drift.filter { $0.status == .open || $0.status == .contended }
        let counts = Dictionary(counting.map { ($0.address, 1) }, uniquingKeysWith: +)
        return .items(resources.map { StatusText.value($0, driftCount: counts[$0.address] ?? 0) })
    }

    /// A page of what was told, or all that is told from now on.
    func events(_ call: Call) async throws(Problem) -> Answer {
        guard let caller = call.caller else { preconditionFailure("events are for tokens") }
        try StackHandlers.checkFilter(call, caller)
        let after = try call.integer("after", in: 0...(.max))
        let kinds = (call.headers[.accept] ?? "").lowercased()
        if kinds.contains("text/event-stream") {
            let last = call.headers[.lastEventID].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
            return try await feed.stream(after: last ?? after, stack: call.query["stack"], for: caller)
        }
        return try await page(of: EventFeed.log, call, caller, after, EventFeed.value)
    }

    /// Who has done what, and who was refused.
    func audit(_ call: Call) async throws(Problem) -> Answer {
        guard let caller = call.caller else { preconditionFailure("the audit log is for tokens") }
        try StackHandlers.checkFilter(call, caller)
        let after = try call.integer("after", in: 0...(.max))
        return try await page(of: AuditEntry.log, call, caller, after) { entry in
            [
                "number": .number(.integer(entry.number)), "time": .string(InstantText.iso(entry.time)),
                "entry": EventFeed.content(entry.text),
            ]
        }
    }

    /// The stack that the path names, if the token is for it.
    func status(_ call: Call) async throws(Problem) -> StackStatus {
        let name = call.path["stack"] ?? ""
        guard call.caller?.covers(name) == true else { throw .noStack(name) }
        let status = try await reading { () async throws(Diagnostics) in try await plane.status(of: name) }
        guard let status else { throw .noStack(name) }
        return status
    }

    /// Refuses a query for a stack that the token is not for, and for one without a name.
    private static func checkFilter(_ call: Call, _ caller: Caller) throws(Problem) {
        guard let stack = call.query["stack"] else { return }
        guard !stack.isEmpty else { throw .malformed("`stack` has to be the name of a stack, or left out.") }
        guard caller.covers(stack) else { throw .noStack(stack) }
    }

    /// A page may hold less than its limit where the token is not for all stacks: `next` goes on behind it in any case.
    private func page(
        of log: String, _ call: Call, _ caller: Caller, _ after: Int64?, _ write: (ControllerLogEntry) -> Value
    ) async throws(Problem) -> Answer {
        let limit = try call.integer("limit", in: 1...1_000) ?? 100
        let entries: [ControllerLogEntry]
        do throws(StateBackendError) {
            entries = try await store.entries(of: log, subject: call.query["stack"], after: after, limit: Int(limit))
        } catch {
            throw Problem(.serviceUnavailable, "The log cannot be read", error.message)
        }
        let items = entries.filter { caller.covers($0.subject) }.map(write)
        let next = entries.last?.number ?? after ?? 0
        return .json(["items": .tuple(items), "next": .number(.integer(next))])
    }

    private func reading<Found: Sendable>(
        _ body: () async throws(Diagnostics) -> Found
    ) async throws(Problem) -> Found {
        do throws(Diagnostics) {
            return try await body()
        } catch {
            throw Problem(.serviceUnavailable, error)
        }
    }
}
