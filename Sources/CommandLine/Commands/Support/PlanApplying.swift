internal import Applying
internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// Asks, applies, and reports: the second half of `apply` and `destroy`.
struct PlanApplying {
    let console: Console
    let session: StackSession
    let parallelism: Int?
    /// False for `--no-input`: then there is nobody to approve.
    var mayAsk = true
    /// What history calls the run; nil for what the plan's mode is called.
    var kind: String?

    var lease: LeaseOptions?
    /// The stack, where it was taken for the plan already.
    var held: HeldStack?

    /// - Parameter question: asked in a terminal before anything is done; nil where no approval is needed.
    /// - Returns: the exit code.
    func apply(_ plan: Plan, asking question: String?) async throws(Diagnostics) -> ExitCode {
        if plan.isEmpty, plan.rewrites.isEmpty, plan.outputs.allSatisfy({ $0.action == .noOp }) { return ExitCode(0) }
        if let question, !plan.isEmpty {
            guard try await Approval(console: console, mayAsk: mayAsk).ask(question) else {
                console.writeError("Nothing was changed.\n")
                return ExitCode(1)
            }
        }
        let outcome = try await run(plan)
        if plan.isEmpty, outcome.succeeded { return ExitCode(0) }
        // On a screen the report stands apart from the lines of the steps.
        if console.output.isInteractive, console.error.isInteractive { console.note("") }
        console.write(OutcomeReport(outcome, plan: plan).render(console.output))
        return ExitCode(outcome.succeeded ? 0 : 1)
    }

    private func hold(_ operation: ApplyOperation, _ control: RunControl) async throws(Diagnostics) -> HeldStack {
        if let held { return held }
        if let asked = try await lease?.hold(operation, control: control, console) { return asked }
        return try await operation.hold(control: control) { [console] holder in
            console.note("Waiting a few seconds for \(holder), who is writing a note into the state.")
        }
    }

    private func run(_ plan: Plan) async throws(Diagnostics) -> Outcome {
        let control = held?.control ?? RunControl()
        let operation = ApplyOperation(session, holder: Invocation.holder, kind: kind)
        let held = try await hold(operation, control)
        let progress = ProgressReport(console: console, total: plan.steps.count, mode: plan.mode)
        defer { progress.finish() }
        let task = Task {
            do throws(Diagnostics) {
                return Result<Outcome, Diagnostics>.success(
                    try await operation.run(plan, held: held, parallelism: parallelism, control: control) {
                        progress.handle($0)
                    })
            } catch {
                return .failure(error)
            }
        }
        let signals = SignalWatch { stage in
            progress.handle(.cancelling(stage: stage))
            control.stop()
            if stage > 1 { task.cancel() }
        }
        defer { signals.stop() }
        return try await task.value.get()
    }
}
