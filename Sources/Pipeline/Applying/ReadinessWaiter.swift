internal import Expressions
internal import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// Waits until a resource that was just made is ready, by the provider's rules and by `ready.when`, reading it again and
/// again.
struct ReadinessWaiter: Sendable {
    struct Condition: Sendable {
        let expression: ValueExpression
        /// Where it stands: an index into `ResourceGraph.modules`.
        let module: Int
        let key: InstanceKey?
        let eachValue: Value?
        /// The other resources that the expression names.
        let others: [ResourceAddress: Value]
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

    /// Whether there is something to wait for after a step's calls.
    func concerns(_ done: StepReport) -> Bool {
        guard done.work.awaitsReadiness, done.result == .done, done.values != nil, let type = type(of: done.work) else {
            return false
        }
        return !(type is any Simulated)
    }

    func wait(_ done: StepReport, _ condition: Condition?, _ journal: Journal) async -> StepReport {
        guard concerns(done), let values = done.values, let type = type(of: done.work) else { return done }
        let clock = ContinuousClock()
        let begin = clock.now
        var look = Look(type: type, state: ResourceState(values, privateData: done.privateData), planned: values)
        var pause = 0.2
        while true {
            let missing: String
            switch await look.readiness() {
            case .ready:
                switch holds(condition, look.state.values, done.work) {
                case .success(true): return await record(done, look.state, journal, (clock.now - begin).seconds)
                case .success(false): missing = "`ready.when` did not hold"
                case .failure(let error):
                    return done.failing(.notReady(error.all.first?.detail ?? "it cannot be evaluated"))
                }
            case .waiting(let why): missing = "it did not get ready (\(why))"
            case .failed(let why): return done.failing(.notReady("it has failed: \(why)" + (await look.explanation())))
            case .gone: return done.failing(.notReady("it is gone again"))
            case .refused(let error): return done.failing(.provider(error))
            }
            let waited = (clock.now - begin).seconds
            if waited >= done.work.readyTimeout {
                let explanation = await look.explanation()
                return done.failing(.notReady("\(missing) within \(done.work.readyTimeout.inSeconds)\(explanation)"))
            }
            if Task.isCancelled || control.isStopping {
                return done.failing(.notReady("the run was stopped while waiting until it is ready"))
            }
            let text =
                if case .waiting(let why) = look.last { "not ready yet: \(why)" } else { "waiting until it is ready" }
            report(.stepWaiting(index: done.work.index, done.work.change.address, text))
            try? await Task.sleep(for: .seconds(min(pause, max(0.05, done.work.readyTimeout - waited))))
            pause = min(pause * 1.5, 5)
        }
    }

    /// What is seen of the resource, by one reading after the other.
    private struct Look {
        enum Found {
            case ready
            case waiting(String)
            case failed(String)
            case gone
            case refused(ProviderError)
        }

        private let type: any ResourceType
        private let checking: (any ReadinessChecking)?
        private let planned: Value
        private(set) var state: ResourceState
        private(set) var last: Found?

        init(type: any ResourceType, state: ResourceState, planned: Value) {
            self.type = type
            self.state = state
            self.planned = planned
            let checking = type as? any ReadinessChecking
            self.checking = checking?.isReadyAtOnce(planned.deeplyUnmarked) == false ? checking : nil
        }

        /// By the provider's rules; where it has none, whatever is read is ready.
        mutating func readiness() async -> Found {
            let found = await look()
            last = found
            return found
        }

        private mutating func look() async -> Found {
            do throws(ProviderError) {
                if let checking {
                    switch try await checking.readiness(of: state.unmarked) {
                    case .ready(let next): state = next.marked(type.schema, like: planned)
                    case .waiting(let why): return .waiting(why)
                    case .failed(let why): return .failed(why)
                    case .gone: return .gone
                    }
                } else if last != nil {
                    // What the call has given is the first look.
                    guard let next = try await type.read(state.unmarked) else { return .gone }
                    state = next.marked(type.schema, like: planned)
                }
                return .ready
            } catch {
                if error.isRetryable { return .waiting(error.message) }
                return .refused(error)
            }
        }

        func explanation() async -> String {
            let text = await checking?.explainUnreadiness(of: state.unmarked) ?? ""
            return text.isEmpty ? "" : ": \(text)"
        }
    }

    private func type(of work: StepWork) -> (any ResourceType)? {
        switch work.call {
        case .create(let type, _, _), .update(let type, _), .wait(let type): type
        default: nil
        }
    }

    private func holds(_ condition: Condition?, _ values: Value, _ work: StepWork) -> Result<Bool, Diagnostics> {
        guard let condition else { return .success(true) }
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
