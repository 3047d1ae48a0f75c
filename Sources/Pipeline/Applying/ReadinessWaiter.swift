internal import Expressions
internal import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// Waits until `ready.when` holds of a resource that was just made, reading it again and again.
struct ReadinessWaiter: Sendable {
    struct Condition: Sendable {
        let expression: ValueExpression
        /// Where it stands: an index into `ResourceGraph.modules`.
        let module: Int
        let key: InstanceKey?
        let eachValue: Value?
        /// The other resources that the expression names.
        let others: [ResourceAddress: Value]
        /// Seconds.
        let timeout: Double
    }

    private let graph: ResourceGraph
    private let files: any SpecificationSource
    private let control: RunControl
    private let report: @Sendable (RunEvent) -> Void
    private let plannedAt: Double

    init(applier: Applier) {
        graph = applier.graph
        files = applier.files
        control = applier.control
        report = applier.report
        plannedAt = applier.plan.origin.createdAt
    }

    func wait(_ done: StepReport, _ condition: Condition?, _ journal: Journal) async -> StepReport {
        guard let condition, done.result == .done, let values = done.values, let type = type(of: done.work),
            !(type is any Simulated)
        else {
            return done
        }
        let clock = ContinuousClock()
        let begin = clock.now
        var state = ResourceState(values, privateData: done.privateData)
        var pause = 0.2
        while true {
            switch holds(condition, state.values, done.work) {
            case .success(true): return await record(done, state, journal, (clock.now - begin).seconds)
            case .success(false): break
            case .failure(let error):
                return done.failing(.notReady(error.all.first?.detail ?? "it cannot be evaluated"))
            }
            let waited = (clock.now - begin).seconds
            if waited >= condition.timeout {
                return done.failing(.notReady("`ready.when` did not hold within \(condition.timeout.inSeconds)"))
            }
            if Task.isCancelled || control.isStopping {
                return done.failing(.notReady("the run was stopped while waiting for `ready.when`"))
            }
            report(.stepWaiting(index: done.work.index, done.work.change.address, "waiting until it is ready"))
            try? await Task.sleep(for: .seconds(min(pause, max(0.05, condition.timeout - waited))))
            pause = min(pause * 1.5, 5)
            do throws(ProviderError) {
                guard let next = try await type.read(state.unmarked) else {
                    return done.failing(.notReady("it is gone again"))
                }
                state = next.marked(type.schema, like: values)
            } catch {
                if !error.isRetryable { return done.failing(.provider(error)) }
            }
        }
    }

    private func type(of work: StepWork) -> (any ResourceType)? {
        switch work.call {
        case .create(let type, _, _), .update(let type, _), .wait(let type): type
        default: nil
        }
    }

    private func holds(_ condition: Condition, _ values: Value, _ work: StepWork) -> Result<Bool, Diagnostics> {
        let scopes = ModuleScopes(
            graph, files: files, resources: GivenValues(condition.others), phase: .applying(plannedAt: plannedAt))
        let instance = InstanceScope(
            scopes, in: condition.module, key: condition.key, eachValue: condition.eachValue, selfValue: values)
        do throws(Diagnostics) {
            let value = try Evaluator(scope: instance).evaluate(condition.expression)
            guard let flag = (try? value.converted(to: .bool))?.asBool else {
                throw Diagnostics(
                    .error(
                        "Wrong type", "`ready.when` must be true or false, but it is \(value.type.phrase).",
                        at: condition.expression.range))
            }
            return .success(flag)
        } catch {
            return .failure(error)
        }
    }

    /// What the resource looks like once it is ready is what the state keeps.
    private func record(
        _ done: StepReport, _ state: ResourceState, _ journal: Journal, _ waited: Double
    ) async -> StepReport {
        let ready = StepReport(
            work: done.work, result: .done, values: state.values, privateData: state.privateData, problem: nil,
            seconds: done.seconds + waited)
        var record = done.work.record(state.values, state.privateData)
        record.status = .ready
        do throws(StateBackendError) {
            try await journal.write([.put(record, run: journal.run)])
            return ready
        } catch {
            return done.failing(.state(.init(message: error.message)))
        }
    }
}

extension StepReport {
    /// The same step, failed: what it made stays recorded.
    func failing(_ problem: Problem) -> StepReport {
        StepReport(
            work: work, result: .failed, values: values, privateData: privateData, problem: problem, seconds: seconds)
    }
}

/// The values of some resources, given once.
private final class GivenValues: ResourceLookup {
    private let values: [ResourceAddress: Value]

    init(_ values: [ResourceAddress: Value]) { self.values = values }

    func value(
        of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        guard let whole = values[resource] else { return .unknown() }
        guard let key else { return whole }
        let one =
            if let name = key.value.asString { whole[key: name] } else {
                key.value.asInt.flatMap { index in whole.asList.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                }
            }
        if let one { return one }
        throw Diagnostics(.error("Unknown instance", "\(resource)\(key) does not exist.", at: range))
    }
}
