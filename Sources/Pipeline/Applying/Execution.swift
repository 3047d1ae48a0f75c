internal import Expressions
internal import PlumbModel
internal import ProviderAPI
internal import StateBackendAPI

/// The walk over a plan's steps: starts what is ready, takes in results, passes over what waits for a failure.
struct Execution {
    private let applier: Applier
    private let state: AppliedState
    private let preparer: StepPreparer
    private var review = ConditionReview()
    private var results: [Outcome.Result?]
    private var durations: [Double]
    /// Of each step, and behind them of each group: how much it waits for still.
    private var waits: [Int]
    private var followers: [[Int]]
    /// Groups of which a step was not done.
    private var brokenGroups: Set<Int> = []
    private var diagnostics = Diagnostics()
    private var cancelled: [StepProblem] = []
    /// The key under which each change's old instance was put aside.
    private var deposedKeys: [Int: String] = [:]

    private var plan: Plan { applier.plan }

    init(applier: Applier, state: AppliedState, files: any SpecificationSource) {
        self.applier = applier
        self.state = state
        preparer = StepPreparer(applier: applier, state: state, files: files)
        let steps = applier.plan.steps
        results = Array(repeating: nil, count: steps.count)
        durations = Array(repeating: 0, count: steps.count)
        let groups = applier.plan.groups
        waits = steps.map { $0.after.count + $0.afterGroups.count } + groups.map(\.count)
        followers = Array(repeating: [], count: waits.count)
        for (index, step) in steps.enumerated() {
            for before in step.after { followers[before].append(index) }
            for group in step.afterGroups { followers[steps.count + group].append(index) }
        }
        for (group, members) in groups.enumerated() {
            for member in members { followers[member].append(steps.count + group) }
        }
    }

    mutating func run(_ journal: Journal) async -> Outcome {
        let report = applier.report
        let limiters = CallLimiters(applier)
        let runner = StepRunner(
            journal: journal, limiters: limiters, control: applier.control,
            started: { work in report(.stepStarted(index: work.index, work.step, work.change.address)) },
            waiting: { work, text in report(.stepWaiting(index: work.index, work.change.address, text)) })
        let readiness = ReadinessWaiter(applier: applier)
        // More tasks than calls: their journal writes share commits while they wait for their turn to call.
        let bound = limiters.widest * 4 + 32
        var ready = plan.steps.indices.filter { waits[$0] == 0 }
        await withTaskGroup(of: StepEvent.self) { group in
            var next = 0
            var running = 0
            var waiting = 0
            while true {
                while next < ready.count, running < bound {
                    let index = ready[next]
                    next += 1
                    guard let work = prepare(index) else {
                        ready += finish(index)
                        continue
                    }
                    running += 1
                    let ready = preparer.readiness(of: work)
                    group.addTask { .called(await runner.run(work), ready) }
                }
                guard running + waiting > 0, let event = await group.next() else { break }
                let report: StepReport
                switch event {
                case .called(let called, let condition):
                    running -= 1
                    // What only waits holds up nothing that could be called meanwhile.
                    if readiness.concerns(called) {
                        waiting += 1
                        group.addTask { .ended(await readiness.wait(called, condition, journal)) }
                        continue
                    }
                    report = called
                case .ended(let ended):
                    waiting -= 1
                    report = ended
                }
                take(report)
                ready += finish(report.work.index)
            }
        }
        return await reviewed(outcome())
    }

    /// Nil where the step cannot be begun; its result is set then.
    private mutating func prepare(_ index: Int) -> StepWork? {
        let step = plan.steps[index]
        let isFree = step.after.allSatisfy { results[$0] == .done } && brokenGroups.isDisjoint(with: step.afterGroups)
        guard !applier.control.isStopping, !Task.isCancelled, isFree else {
            results[index] = .skipped
            return nil
        }
        do throws(Diagnostics) {
            return try preparer.prepare(index, deposedKey: deposedKeys[step.change])
        } catch {
            diagnostics.append(error)
            results[index] = .failed
            return nil
        }
    }

    /// The steps that have nothing left to wait for once this one has ended.
    private mutating func finish(_ index: Int) -> [Int] {
        let step = plan.steps[index]
        applier.report(
            .stepFinished(
                index: index, step, plan.changes[step.change].address, results[index] ?? .skipped,
                seconds: durations[index]))
        var freed: [Int] = []
        var passed = [index]
        while let vertex = passed.popLast() {
            for follower in followers[vertex] {
                waits[follower] -= 1
                let isGroup = follower >= plan.steps.count
                if isGroup, results[index] != .done { brokenGroups.insert(follower - plan.steps.count) }
                guard waits[follower] == 0 else { continue }
                if isGroup { passed.append(follower) } else { freed.append(follower) }
            }
        }
        return freed
    }

    private mutating func take(_ report: StepReport) {
        let work = report.work
        results[work.index] = report.result
        durations[work.index] = report.seconds
        if let values = report.values { state.show(work.change.address, values) }
        if case .create(_, _, .some) = work.call { deposedKeys[work.step.change] = String(work.intent.prefix(8)) }
        if let problem = report.problem {
            let told = StepProblem(work: work, problem: problem, graph: applier.graph)
            if told.isCancellation { cancelled.append(told) } else { diagnostics.append(told.diagnostic) }
        }
        guard report.result == .done else { return }
        do throws(Diagnostics) {
            try preparer.checkAfter(work, report.values)
        } catch {
            diagnostics.append(error)
            results[work.index] = .failed
        }
    }

    private func outcome() -> Outcome {
        var outcome = Outcome()
        for (index, step) in plan.steps.enumerated() {
            outcome.steps.append(
                Outcome.Step(step: step, result: results[index] ?? .skipped, duration: durations[index]))
        }
        outcome.diagnostics = diagnostics
        if let cancellation = StepProblem.cancellation(of: cancelled) { outcome.diagnostics.append(cancellation) }
        // Whoever stops a run that has nothing left to do has stopped nothing.
        outcome.wasCancelled =
            (applier.control.isStopping || Task.isCancelled) && results.contains { $0 != .done }
        return outcome
    }

    /// With what came of the conditions that no step has held.
    private mutating func reviewed(_ outcome: Outcome) async -> Outcome {
        var outcome = outcome
        guard plan.mode == .normal else { return outcome }
        let making = plan.steps.indices.filter { plan.steps[$0].kind != .delete && plan.steps[$0].kind != .forget }
        let stepped = Set(making.map { plan.changes[plan.steps[$0].change].address })
        await review.run(
            applier, preparer, steppedAddresses: stepped, readsData: !applier.control.isStopping && !Task.isCancelled)
        outcome.checks = review.results
        outcome.diagnostics.append(review.diagnostics)
        return outcome
    }

    // MARK: - Beside the steps

    func rewrites() -> [StateWrite] {
        plan.rewrites.map { rewrite in
            guard let values = rewrite.values else {
                return .remove(rewrite.address, deposedKey: rewrite.deposedKey, run: applier.run)
            }
            let record = ResourceRecord(
                address: rewrite.address, deposedKey: rewrite.deposedKey, provider: rewrite.provider, values: values,
                privateData: rewrite.privateData, bookkeeping: rewrite.bookkeeping,
                status: rewrite.status)
            return .put(record, run: applier.run)
        }
    }

    /// The outputs as they are now: those that the plan changes, unless they wait for what did not come to be; all others
    /// as they were recorded, whoever has recorded them since the plan was made.
    func outputs() -> [OutputRecord] {
        var values = state.outputs
        let unfinished = Set(
            plan.steps.indices.filter { results[$0] != .done }.map {
                plan.changes[plan.steps[$0].change].address.resource
            })
        for output in plan.outputs {
            switch output.action {
            case .noOp: break
            case .delete: if unfinished.isEmpty { values[output.name] = nil }
            case .create, .update:
                guard !preparer.waits(output: output.name, for: unfinished),
                    !review.refusedOutputs.contains(output.name)
                else { continue }
                let value = output.after.flatMap { $0.isWhollyKnown ? $0 : preparer.output(output.name) }
                if let value, value.isWhollyKnown { values[output.name] = value }
            }
        }
        return values.sorted { $0.key < $1.key }.map { OutputRecord(name: $0.key, value: $0.value) }
    }
}

/// How far a step has come.
private enum StepEvent: Sendable {
    /// Its calls are over; what may be left is to wait until the resource is ready.
    case called(StepReport, ReadinessWaiter.Condition?)
    case ended(StepReport)
}
