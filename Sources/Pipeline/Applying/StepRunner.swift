internal import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// Carries out one side effect: its intent is committed before it, its result after it.
struct StepRunner: Sendable {
    let journal: Journal
    let limiters: CallLimiters
    let control: RunControl
    let started: @Sendable (StepWork) -> Void
    /// Told what a step that goes on waits for.
    let waiting: @Sendable (StepWork, String) -> Void

    func run(_ work: StepWork) async -> StepReport {
        let clock = ContinuousClock()
        // The time in line is not the step's own.
        var begin = clock.now
        func report(
            _ result: Outcome.Result, _ state: ResourceState? = nil, _ problem: StepReport.Problem? = nil
        ) -> StepReport {
            StepReport(
                work: work, result: result, values: state?.values, privateData: state?.privateData, problem: problem,
                seconds: (clock.now - begin).seconds)
        }
        let intent = work.intent(run: journal.run)
        FaultPoint.reach("before-intent")
        do throws(StateBackendError) {
            if let intent { try await journal.write([.openIntent(intent)]) }
        } catch {
            return report(.failed, nil, .notBegun(.init(message: error.message)))
        }
        FaultPoint.reach("after-intent")
        do throws(StateBackendError) {
            let answer: CallAnswer = await limiters.limiter(of: work.change.provider).withPermit {
                guard !control.isStopping, !Task.isCancelled else { return .notCalled }
                begin = clock.now
                started(work)
                FaultPoint.reach("before-call")
                let answer = await callUntilTaken(work, intent)
                FaultPoint.reach("after-call")
                return answer
            }
            switch answer {
            case .notCalled:
                if let intent { try await journal.write([.conclude(intent: intent.id, .failed)]) }
                return report(.skipped)
            case .done(let state):
                try await journal.write(work.writes(state, intent: intent, run: journal.run))
                FaultPoint.reach("after-result")
                let differing = work.differences(state)
                return report(
                    differing.isEmpty ? .done : .failed, state, differing.isEmpty ? nil : .differs(differing))
            case .refused(let error):
                return try await settle(work, error, intent, report)
            case .timedOut(let seconds):
                return report(.open, nil, .timedOut(seconds))
            }
        } catch {
            return report(.open, nil, .state(.init(message: error.message)))
        }
    }

    private enum CallAnswer: Sendable {
        case notCalled
        /// Nil for a deletion.
        case done(ResourceState?)
        case refused(ProviderError)
        case timedOut(Double)

        /// Whether it tells what happened.
        var isCertain: Bool {
            switch self {
            case .notCalled, .done: true
            case .refused(let error): error.code != .cancelled && !error.isOutcomeUnknown
            case .timedOut: false
            }
        }
    }

    /// A refusal ends the intent, unless it cannot be told what happened: then the next run asks the provider.
    private func settle(
        _ work: StepWork, _ error: ProviderError, _ intent: Intent?,
        _ report: (Outcome.Result, ResourceState?, StepReport.Problem?) -> StepReport
    ) async throws(StateBackendError) -> StepReport {
        if error.isOutcomeUnknown || error.code == .cancelled { return report(.open, nil, .provider(error)) }
        guard let intent else { return report(.failed, nil, .provider(error)) }
        if let partial = error.partial, case .create(let type, let planned, let old) = work.call {
            let made = work.answer(partial, type.schema, planned: planned)
            var record = work.record(made.values, made.privateData)
            record.status = .tainted
            try await journal.write(
                work.deposing(old, intent, run: journal.run) + [
                    .put(record, run: journal.run), .conclude(intent: intent.id, .done),
                ])
            return report(.failed, nil, .provider(error))
        }
        try await journal.write([.conclude(intent: intent.id, .failed)])
        return report(.failed, nil, .provider(error))
    }

    // MARK: - The call

    /// A call that the system refuses for now is made again, as often as the declaration says.
    private func callUntilTaken(_ work: StepWork, _ intent: Intent?) async -> CallAnswer {
        var answer = await callUntilKnown(work, intent)
        guard let retry = work.retry else { return answer }
        for attempt in 1..<max(2, retry.attempts) where attempt < retry.attempts {
            // What was done in part is mended by the next plan and not by another call.
            guard case .refused(let error) = answer, error.isRetryable, !error.isOutcomeUnknown, error.partial == nil
            else { return answer }
            waiting(work, "attempt \(attempt) of \(retry.attempts) was refused: \(error.message)")
            let pause = min(retry.pause * Double(1 << min(attempt - 1, 20)), max(60, retry.pause))
            guard await sleep(pause * Double.random(in: 0.8...1.2)) else { return answer }
            answer = await callUntilKnown(work, intent)
        }
        return answer
    }

    /// False when the run is stopped meanwhile.
    private func sleep(_ seconds: Double) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if control.isStopping { return false }
            do {
                try await Task.sleep(for: min(.milliseconds(200), ContinuousClock.now.duration(to: end)))
            } catch {
                return false
            }
        }
        return !control.isStopping
    }

    /// A call whose answer was lost is settled at once where the provider can tell what became of it: taken in if it
    /// happened, made again if it did not. What stays unknown is left to the next run.
    private func callUntilKnown(_ work: StepWork, _ intent: Intent?) async -> CallAnswer {
        var answer = await call(work, work.intent)
        for attempt in 1...3 {
            guard case .refused(let error) = answer, error.isOutcomeUnknown, error.code != .cancelled, let intent,
                let type = work.resourceType as? any Recovering, !Task.isCancelled, !control.isStopping
            else { return answer }
            do throws(ProviderError) {
                switch (intent.action, try await type.recover(intent.unmarked)) {
                case (_, .unclear): return answer
                case (.delete, .absent): return .done(nil)
                case (.create, .found(let state)):
                    return .done(work.answer(state, type.schema, planned: intent.planned ?? .null))
                case (.update, .found(let state)):
                    // Whether a write-only value was set cannot be seen: then it is set again.
                    let known = intent.found(type.schema) ?? .null
                    let marked = work.answer(state, type.schema, planned: known)
                    if work.differences(marked).isEmpty { return .done(marked) }
                case (.create, .absent), (.update, .absent), (.delete, .found): break
                }
            } catch {
                return answer
            }
            do {
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...200) * attempt))
            } catch {
                return answer
            }
            answer = await call(work, work.intent)
        }
        return answer
    }

    /// What ends first when a call has a bound.
    private enum Race: Sendable {
        case answered(CallAnswer)
        case timeIsUp
        /// The run was cancelled, and with it the wait.
        case cancelled
    }

    private func call(_ work: StepWork, _ intent: String) async -> CallAnswer {
        guard let timeout = work.timeout else { return await callOnce(work, intent) }
        return await withTaskGroup(of: Race.self) { group in
            group.addTask { .answered(await callOnce(work, intent)) }
            group.addTask {
                do {
                    try await Task.sleep(for: .seconds(timeout))
                    return .timeIsUp
                } catch {
                    return .cancelled
                }
            }
            var isLate = false
            for await result in group {
                switch result {
                case .answered(let answer):
                    group.cancelAll()
                    // A call that was cancelled for being late may still have ended: then its answer counts.
                    return isLate && !answer.isCertain ? .timedOut(timeout) : answer
                case .timeIsUp:
                    isLate = true
                    group.cancelAll()
                case .cancelled: break
                }
            }
            preconditionFailure("a call always has an answer")
        }
    }

    private func callOnce(_ work: StepWork, _ intent: String) async -> CallAnswer {
        await ProviderProgress.$receiver.withValue(.init { [waiting] text in waiting(work, text) }) {
            await callDirectly(work, intent)
        }
    }

    private func callDirectly(_ work: StepWork, _ intent: String) async -> CallAnswer {
        do throws(ProviderError) {
            switch work.call {
            case .create(let type, let planned, _):
                let request = CreateRequest(planned: work.complete(planned).forProvider, intent: intent)
                return .done(work.answer(try await type.create(request), type.schema, planned: planned))
            case .update(let type, let planned):
                guard let prior = work.prior else { preconditionFailure("an update is prepared with its prior state") }
                let request = UpdateRequest(
                    prior: prior.unmarked, planned: work.complete(planned).forProvider, intent: intent)
                return .done(work.answer(try await type.update(request), type.schema, planned: planned))
            case .delete(let type):
                guard let prior = work.prior else { preconditionFailure("a deletion is prepared with its prior state") }
                try await type.delete(DeleteRequest(prior: prior.unmarked, intent: intent))
                return .done(nil)
            case .read(let type, let declared):
                let values = try await type.read(declared.forProvider)
                return .done(ResourceState(type.schema.marked(values, like: declared)))
            case .forget: return .done(nil)
            case .wait: return .done(work.prior)
            }
        } catch {
            return .refused(error)
        }
    }
}

extension StepWork {
    /// What is committed before the call; nil where nothing outside changes.
    func intent(run: String) -> Intent? {
        #if MEASURED_WITHOUT_JOURNAL
            // A build that only serves to tell what the journal costs (`bench/state`).
            return nil
        #else
            return journalled(run: run)
        #endif
    }

    private func journalled(run: String) -> Intent? {
        let action: Intent.Action
        var planned: Value?
        switch call {
        case .create(_, let values, _): (action, planned) = (.create, values)
        case .update(_, let values): (action, planned) = (.update, values)
        case .delete: action = .delete
        case .read, .forget, .wait: return nil
        }
        return Intent(
            id: intent, run: run, address: change.address, deposedKey: deposedKey, provider: change.provider,
            action: action,
            planned: planned, prior: action == .create ? nil : prior?.values, privateData: prior?.privateData,
            bookkeeping: change.bookkeeping)
    }

    /// What is committed after the call.
    func writes(_ state: ResourceState?, intent: Intent?, run: String) -> [StateWrite] {
        var writes: [StateWrite] = []
        switch call {
        case .create(_, _, let old):
            if let intent { writes += deposing(old, intent, run: run) }
            if let state { writes.append(.put(record(state.values, state.privateData), run: run)) }
        case .update:
            if let state { writes.append(.put(record(state.values, state.privateData), run: run)) }
        case .delete, .forget: writes.append(.remove(change.address, deposedKey: deposedKey, run: run))
        // It may be that a recovery has just recorded it, without knowing of its readiness.
        case .wait: if let state { writes.append(.put(record(state.values, state.privateData), run: run)) }
        case .read: break
        }
        if let intent { writes.append(.conclude(intent: intent.id, .done)) }
        return writes
    }

    /// Puts the old instance of a replacement aside, in the transaction that records the new one.
    func deposing(_ old: ResourceRecord?, _ intent: Intent, run: String) -> [StateWrite] {
        guard var old else { return [] }
        old.deposedKey = intent.deposingKey
        return [.put(old, run: run)]
    }

    func record(_ values: Value, _ privateData: String?) -> ResourceRecord {
        ResourceRecord(
            address: change.address, provider: change.provider, values: values, privateData: privateData,
            bookkeeping: change.bookkeeping, status: awaitsReadiness ? .unready : .ready)
    }

    /// The attributes whose planned, known values the provider did not give, with both, where they are no secrets:
    /// `"price" was to be 12.5 and is "12.50"`.
    func differences(_ state: ResourceState?) -> [String] {
        let schema: Schema
        let planned: Value
        switch call {
        case .create(let type, let values, _), .update(let type, let values): (schema, planned) = (type.schema, values)
        default: return []
        }
        guard let state else { return [] }
        return schema.attributes.compactMap { attribute in
            // What changes by itself may have done so already.
            if attribute.isVolatile, !attribute.isSettable { return nil }
            let wanted = planned[key: attribute.name] ?? .null
            let got = state.values[key: attribute.name] ?? .null
            guard wanted.isWhollyKnown, !wanted.isSame(as: got) else { return nil }
            if let rule = attribute.normalisation, rule.areSame(wanted, got) { return nil }
            let isSecret =
                attribute.isSensitive || wanted.containsSensitive || got.containsSensitive
                || change.after?[key: attribute.name]?.containsSensitive ?? false
            return isSecret
                ? "\"\(attribute.name)\" is another secret value than was planned"
                : "\"\(attribute.name)\" was to be \(Self.brief(wanted)) and is \(Self.brief(got))"
        }
    }

    private static func brief(_ value: Value) -> String {
        let text = value.json
        return text.count > 120 ? String(text.prefix(119)) + "…" : text
    }
}

extension ResourceState {
    /// As a provider sees it.
    var unmarked: ResourceState {
        ResourceState(values.forProvider, privateData: privateData)
    }

    func marked(_ schema: Schema, like planned: Value) -> ResourceState {
        ResourceState(schema.marked(values, like: planned), privateData: privateData)
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
