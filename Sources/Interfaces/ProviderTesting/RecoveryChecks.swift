import PlumbModel
import ProviderAPI

// A crash before a call is an intent whose call never happened; a crash after it, one whose result nobody recorded.
extension ConformanceRun {
    func intent(
        _ action: Intent.Action, id: String = ConformanceRun.newIntent(), planned: Value?, prior: ResourceState?
    ) -> Intent {
        Intent(
            id: id, run: ConformanceRun.newIntent(), address: ResourceAddress(type.name, unique),
            provider: "conformance",
            action: action, planned: planned, prior: prior?.values, privateData: prior?.privateData)
    }

    func recover(_ intent: Intent) async throws -> Recovery {
        guard let recovering = type as? any Recovering else {
            throw fail(expected: "the type is Recovering, so that a killed run can be settled", got: "it is not")
        }
        return try await recovering.recover(intent)
    }

    private func expectAbsent(_ recovery: Recovery, _ moment: String) throws {
        switch recovery {
        case .absent: break
        case .found: throw fail(expected: "\"absent\" \(moment)", got: "\"found\"")
        case .unclear(let text): throw fail(expected: "\"absent\" \(moment)", got: "\"unclear\": \(text)")
        }
    }

    private func expectFound(_ recovery: Recovery, _ moment: String) throws -> ResourceState {
        switch recovery {
        case .found(let state): return state
        case .absent: throw fail(expected: "\"found\" \(moment)", got: "\"absent\"")
        case .unclear(let text): throw fail(expected: "\"found\" \(moment)", got: "\"unclear\": \(text)")
        }
    }

    mutating func checkRepeatedCreation() async throws {
        let planned = try await plan(conformance.declared, prior: nil).planned
        let id = ConformanceRun.newIntent()
        let first = try await create(planned, intent: id)
        guard type.hasLiveState else { return }
        let second: ResourceState
        do {
            second = try await create(planned, intent: id)
        } catch let error as ProviderError where error.code == .conflict {
            // A system that refuses the second one is as good as one that answers with the first.
            return
        }
        try await delete(second)
        try await expectGone(first)
    }

    mutating func checkUnstartedCreation() async throws {
        let planned = try await plan(conformance.declared, prior: nil).planned
        try expectAbsent(
            try await recover(intent(.create, planned: planned, prior: nil)), "for a creation that never happened")
    }

    mutating func checkLostCreation() async throws {
        let planned = try await plan(conformance.declared, prior: nil).planned
        let id = ConformanceRun.newIntent()
        let created = try await create(planned, intent: id)
        let recovery = try await recover(intent(.create, id: id, planned: planned, prior: nil))
        guard type.hasLiveState else {
            // Nothing outside the state came of it, so there is nothing to adopt.
            return try expectAbsent(recovery, "for a lost creation of what has no live state")
        }
        let found = try expectFound(recovery, "for a creation whose result was lost")
        remember(found)
        try expectSame(created.values, found.values, "recovery gives what create gave")
        try expectPromiseKept(planned, found)
        try await expectNoChange(conformance.declared, found, "after the recovery")
        try await delete(found)
        try await expectGone(created)
    }

    mutating func checkUnstartedUpdate() async throws {
        guard let inPlace = conformance.inPlace else { return }
        let state = try await create()
        let planned = try await plan(inPlace, prior: state).planned
        let recovery = try await recover(intent(.update, planned: planned, prior: state))
        let found = try expectFound(recovery, "for an update that never happened")
        try expectSame(state.values, found.values, "recovery gives what is there")
        try await expectNoChange(conformance.declared, found, "after the recovery")
    }

    mutating func checkLostUpdate() async throws {
        guard let inPlace = conformance.inPlace else { return }
        let state = try await create()
        let planned = try await plan(inPlace, prior: state).planned
        let id = ConformanceRun.newIntent()
        let updated = try await type.update(UpdateRequest(prior: state, planned: planned, intent: id))
        remember(updated)
        let recovery = try await recover(intent(.update, id: id, planned: planned, prior: state))
        let found = try expectFound(recovery, "for an update whose result was lost")
        guard type.hasLiveState else {
            // The state alone says what it is: before the update or after it, but nothing between.
            let isWhole = found.values == state.values || found.values == updated.values
            return try expect(isWhole, "the values before or after the update", got: "others")
        }
        try expectSame(updated.values, found.values, "recovery gives what update gave")
        try await expectNoChange(inPlace, found, "after the recovery")
    }

    mutating func checkUnstartedDeletion() async throws {
        let state = try await create()
        let recovery = try await recover(intent(.delete, planned: nil, prior: state))
        guard type.hasLiveState else {
            if case .unclear(let text) = recovery { throw fail(expected: "\"found\" or \"absent\"", got: text) }
            return
        }
        let found = try expectFound(recovery, "for a deletion that never happened")
        try expectSame(state.values, found.values, "recovery gives what is there")
        try await delete(found)
        try await expectGone(state)
    }

    mutating func checkLostDeletion() async throws {
        let state = try await create()
        try await delete(state)
        let recovery = try await recover(intent(.delete, planned: nil, prior: state))
        guard type.hasLiveState else {
            // Nothing outside the state: what was not recorded may count as done or as not begun.
            if case .unclear(let text) = recovery { throw fail(expected: "\"found\" or \"absent\"", got: text) }
            return
        }
        try expectAbsent(recovery, "for a deletion whose result was lost")
    }
}
