import PlumbModel
import ProviderAPI

// Calls that fail half-way: whatever the call says, a recovery finds what is there.
extension ConformanceRun {
    mutating func checkCancellation() async throws {
        let type = type
        // Nil: it is cancelled before the call begins.
        for delay: Duration? in [nil, .zero, .microseconds(200), .milliseconds(5)] {
            let planned = try await plan(conformance.declared, prior: nil).planned
            let id = ConformanceRun.newIntent()
            let call = Task {
                () -> Result<ResourceState, ProviderError> in
                while delay == nil, !Task.isCancelled { await Task.yield() }
                do throws(ProviderError) {
                    return .success(try await type.create(CreateRequest(planned: planned, intent: id)))
                } catch {
                    return .failure(error)
                }
            }
            if let delay { try await Task.sleep(for: delay) }
            call.cancel()
            let result = await call.value
            if case .failure(let error) = result {
                try expect(error.code == .cancelled, "the error \"cancelled\"", got: "\(error.code): \(error.message)")
            }
            try await settle(result, intent(.create, id: id, planned: planned, prior: nil))
        }
    }

    mutating func checkFault(_ fault: Fault) async throws {
        guard let instance = try await conformance.faulty?(fault) else {
            throw fail(expected: "an instance that meets the fault \(fault)", got: "none")
        }
        guard let faulty = instance.resourceTypes.first(where: { $0.name == type.name }) else {
            throw fail(expected: "the faulty instance offers \(type.name)", got: "it does not")
        }
        let planned = try await plan(conformance.declared, prior: nil).planned
        let id = ConformanceRun.newIntent()
        let result: Result<ResourceState, ProviderError>
        do {
            result = .success(try await faulty.create(CreateRequest(planned: planned, intent: id)))
        } catch {
            result = .failure(error)
        }
        await instance.close()
        if case .failure(let error) = result { try expectTold(error, fault) }
        try await settle(result, intent(.create, id: id, planned: planned, prior: nil))
    }

    /// The error tells the engine whether to try again and whether something may have happened.
    private func expectTold(_ error: ProviderError, _ fault: Fault) throws {
        let codes: [ProviderError.Code] =
            switch fault {
            case .throttling: [.rateLimited]
            case .serverError: [.unavailable]
            case .timeout: [.timeout]
            case .lostResponse: [.unavailable, .timeout]
            }
        let names = codes.map(\.rawValue).joined(separator: " or ")
        try expect(codes.contains(error.code), "the error \(names)", got: "\(error.code): \(error.message)")
        try expect(!error.message.isEmpty, "a message for people", got: "none")
        if fault == .throttling {
            try expect(error.isRetryable, "a throttled call is retryable", got: "it is not")
        }
        if fault == .lostResponse || fault == .timeout {
            try expect(error.isOutcomeUnknown, "the outcome is unknown after \(fault)", got: "it is called known")
        }
    }

    /// What a creation of several requests has left half done, the next update does.
    private mutating func completed(_ found: ResourceState) async throws -> ResourceState {
        guard conformance.inPlace != nil else { return found }
        let plan = try await plan(conformance.declared, prior: found)
        guard plan.planned != found.values else { return found }
        try expect(plan.replacePaths.isEmpty, "what was half created is updated", got: "\(plan.replacePaths) replaced")
        return try await update(found, to: plan.planned)
    }

    /// After a call with any result: recovery agrees with the system, and one more creation leaves exactly one.
    private mutating func settle(_ result: Result<ResourceState, ProviderError>, _ intent: Intent) async throws {
        var state: ResourceState?
        switch result {
        case .success(let created):
            try expectPromiseKept(intent.planned ?? .null, created)
            state = created
        case .failure:
            switch try await recover(intent) {
            case .found(let found):
                remember(found)
                state = try await completed(found)
            case .absent: break
            case .unclear(let text): throw fail(expected: "a recovery that is sure", got: "\"unclear\": \(text)")
            }
        }
        let settled: ResourceState
        if let state {
            settled = state
            remember(state)
        } else {
            settled = try await create(intent.planned ?? .null, intent: intent.id)
        }
        try await expectExistence(true, of: settled)
        try await expectNoChange(conformance.declared, settled, "after the call was settled")
        try await delete(settled)
        try await expectGone(settled)
    }
}
