internal import Applying
internal import Expressions
internal import Planning
internal import PlumbModel
internal import ProviderAPI
internal import Resolving

/// Carries out the runs of one test file on a state of their own, and destroys at the end what they have made.
struct StackTestRunner {
    let operation: StackTestOperation
    let specification: Specification
    let test: StackTest
    let directory: TrialDirectory
    private let providers: [any Provider]
    private let environment: [String: String]
    private var earlier: RunOutputs
    /// The last one that could be opened: what the end is carried out with.
    private var session: StackSession?

    init(
        _ operation: StackTestOperation, _ specification: Specification, _ test: StackTest, _ directory: TrialDirectory
    ) {
        self.operation = operation
        self.specification = specification
        self.test = test
        self.directory = directory
        let mocking = Mocking(test.mocks, specification.stack)
        providers = mocking.providers(operation.capabilities.providers)
        environment = mocking.environment(operation.environment)
        earlier = RunOutputs(names: test.runs.map(\.name))
    }

    mutating func run(_ control: RunControl) async -> StackTestResult {
        let start = ContinuousClock.now
        var result = StackTestResult(path: test.path)
        operation.report(.fileStarted(path: test.path))
        var isBroken = false
        for run in test.runs where operation.selects(run, of: test) {
            var outcome = StackTestResult.Run(
                name: run.name, command: run.command, place: run.range.location, status: .skipped)
            if control.isStopping {
                result.wasStopped = true
            } else if !isBroken {
                await perform(run, &outcome, control)
            }
            isBroken = isBroken || outcome.status == .error
            result.runs.append(outcome)
            operation.report(.runFinished(path: test.path, outcome))
        }
        await tearDown(&result)
        result.duration = (ContinuousClock.now - start) / .seconds(1)
        operation.report(.fileFinished(result))
        return result
    }

    // MARK: - One run

    private mutating func perform(
        _ run: StackTest.Run, _ outcome: inout StackTestResult.Run, _ control: RunControl
    ) async {
        let start = ContinuousClock.now
        var problems = Diagnostics()
        var values: StackValues?
        do throws(Diagnostics) {
            let session = try await open(run)
            var planned = try await PlanOperation(session, holder: operation.holder).run(options(of: run)) { _ in }
            problems.append(planned.warnings)
            await operation.policies.judge(&planned, of: session)
            problems.append(PolicyReview.problems(of: planned.plan))
            outcome.plan = planned.plan
            values = try await carryOut(run, planned.plan, session, control, &problems)
        } catch {
            problems.append(error)
        }
        let verdict = FailureExpectation(expected: run.expectedFailures).judge(problems)
        problems = verdict.problems
        outcome.status = !problems.hasErrors ? .passed : verdict.hasConditionsOnly ? .failed : .error
        if let values {
            let failures = check(run, values)
            if failures.hasErrors, outcome.status == .passed { outcome.status = .failed }
            problems.append(failures)
        }
        outcome.diagnostics = problems
        outcome.duration = (ContinuousClock.now - start) / .seconds(1)
    }

    private mutating func open(_ run: StackTest.Run) async throws(Diagnostics) -> StackSession {
        let variables = try variables(of: run)
        let capabilities = Capabilities(
            providers: providers, stateBackends: operation.capabilities.stateBackends,
            version: operation.capabilities.version)
        let opened = try await StackSession.open(
            operation.location, capabilities: capabilities, environment: environment, variables: operation.variables,
            substituting: Substitution(stateDirectory: directory.path, variables: variables))
        await session?.close()
        session = opened
        try Mocking(test.mocks, specification.stack).checkTypes(opened.catalogue)
        return opened
    }

    /// The file's values, then the run's own.
    private func variables(of run: StackTest.Run) throws(Diagnostics) -> [GivenVariable] {
        var problems = Diagnostics()
        var given: [GivenVariable] = []
        var values: [String: Value] = [:]
        for variable in test.variables {
            given.append(GivenVariable(variable, content: .node(variable.node)))
            // What is wrong with the value itself is told when the stack is given it.
            let scope = EnvironmentScope(environment: [:], files: nil)
            if let expression = try? ExpressionParser.parse(variable.node), expression.references.isEmpty {
                values[variable.name] = try? Evaluator(scope: scope).evaluate(expression)
            }
        }
        let scope = RunVariableScope(variables: values, earlier: earlier)
        for variable in run.variables {
            problems.collect { () throws(Diagnostics) in
                let expression = try ExpressionParser.parse(variable.node)
                // A constant keeps its place, for what may be wrong with it.
                let content: GivenVariable.Content =
                    expression.references.isEmpty
                    ? .node(variable.node) : .value(try Evaluator(scope: scope).evaluate(expression))
                given.append(GivenVariable(variable, content: content))
            }
        }
        try problems.throwIfErrors()
        return given
    }

    private func options(of run: StackTest.Run) -> PlanOptions {
        PlanOptions(
            mode: run.isRefreshOnly ? .refreshOnly : .normal, refreshes: run.refreshes,
            targets: run.targets.map(AddressPattern.init), excludes: run.excludes.map(AddressPattern.init),
            replaces: run.replaces.map(AddressPattern.init), parallelism: operation.parallelism)
    }

    /// - Returns: the values that the assertions see; nil where the run did not get that far.
    private func carryOut(
        _ run: StackTest.Run, _ plan: Plan, _ session: StackSession, _ control: RunControl,
        _ problems: inout Diagnostics
    ) async throws(Diagnostics) -> StackValues? {
        // What a policy denies is not applied; what it says is among the problems already.
        if run.command == .apply, plan.policies.contains(where: \.refuses) { return nil }
        guard run.command == .apply else {
            return StackValues(session, try await session.snapshot(), plan: plan, data: plan.data)
        }
        let outcome = try await apply(plan, session, control)
        problems.append(outcome.diagnostics)
        if outcome.wasCancelled {
            problems.append(.error("Run was stopped", "The run was stopped before it had applied everything."))
        }
        guard outcome.succeeded else { return nil }
        var data = plan.data
        if plan.changes.contains(where: { $0.action == .read }) {
            // What could be read only during the apply is in no row: now a plan can read it.
            data = try await PlanOperation(session).run(PlanOptions(refreshes: false)) { _ in }.plan.data
        }
        return StackValues(session, try await session.snapshot(), plan: nil, data: data)
    }

    private func apply(
        _ plan: Plan, _ session: StackSession, _ control: RunControl
    ) async throws(Diagnostics) -> Outcome {
        try await ApplyOperation(session, holder: operation.holder).run(
            plan, parallelism: operation.parallelism, control: control
        ) { _ in }
    }

    /// Checks the assertions, and keeps the run's outputs for later ones.
    private mutating func check(_ run: StackTest.Run, _ values: StackValues) -> Diagnostics {
        var problems = Diagnostics()
        var outputs = ValueMap()
        for output in values.graph.root.outputs {
            let value = problems.collect { () throws(Diagnostics) in
                try Evaluator(scope: values.instanceScope).evaluate(output.value)
            }
            if let value { outputs[output.name] = value.sensitive(output.isSensitive) }
        }
        earlier.set(outputs, ofRun: run.name)
        let scope = StackTestScope(values: values, outputs: outputs, earlier: earlier)
        problems.append(AssertionChecker(scope: scope, command: run.command).check(run.assertions))
        return problems
    }

    // MARK: - The end

    /// Destroys what is recorded, also what is protected: nobody else knows of it.
    private mutating func tearDown(_ result: inout StackTestResult) async {
        var problems = Diagnostics()
        var left: [ResourceAddress] = []
        if let session {
            do throws(Diagnostics) {
                left = try await session.snapshot().addresses
                if !left.isEmpty {
                    operation.report(.tearingDown(path: test.path))
                    problems.append(try await destroy(session))
                    left = try await session.snapshot().addresses
                }
            } catch {
                problems.append(error)
            }
            await session.close()
        }
        guard left.isEmpty, !problems.hasErrors else {
            result.leftovers = .init(resources: left, state: directory.state, diagnostics: problems)
            return
        }
        problems.collect { () throws(Diagnostics) in try directory.remove() }
        result.warnings.append(problems)
    }

    private func destroy(_ session: StackSession) async throws(Diagnostics) -> Diagnostics {
        var options = PlanOptions(mode: .destroy, parallelism: operation.parallelism)
        options.sparesNothing = true
        let planned = try await PlanOperation(session, holder: operation.holder).run(options) { _ in }
        return try await apply(planned.plan, session, RunControl()).diagnostics
    }
}

extension GivenVariable {
    fileprivate init(_ named: NamedNode, content: Content) {
        self.init(name: named.name, content: content, origin: named.nameRange.description)
    }
}

extension StateSnapshot {
    /// Of all that exists, or may exist because a step was cut off.
    fileprivate var addresses: [ResourceAddress] {
        Set(resources.map(\.address) + openIntents.map(\.address)).sorted()
    }
}
