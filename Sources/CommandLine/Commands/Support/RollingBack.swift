internal import ArgumentParser
internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting

/// Plans towards what was recorded earlier, shows the plan, asks, and does it.
struct RollingBack {
    let common: StackOptions
    let variables: VariableOptions
    let prompts: PromptOptions
    let parallelism: Int?
    /// Whether the plan is only shown.
    let onlyPlans: Bool
    let autoApprove: Bool

    /// - Parameter point: a generation or a run; nil: before the newest run that has changed something.
    /// - Returns: the exit code.
    func run(to point: String?, _ state: StateOperation) async throws(Diagnostics) -> ExitCode {
        let operation = RollbackOperation(
            state, common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
            variables: try variables.arguments())
        let progress = ProgressReport(console: common.console, total: 0)
        var rollback: RollbackOperation.Rollback
        do throws(Diagnostics) {
            rollback = try await operation.plan(
                to: point, holder: Invocation.holder, parallelism: parallelism
            ) { progress.handle($0) }
            progress.finish()
        } catch {
            progress.finish()
            throw error
        }
        await Invocation.policies.judge(&rollback.result, of: rollback.session)
        let result: Result<ExitCode, Diagnostics>
        do throws(Diagnostics) {
            result = .success(try await carryOut(rollback))
        } catch {
            result = .failure(error)
        }
        await rollback.session.close()
        return try result.get()
    }

    private func carryOut(_ rollback: RollbackOperation.Rollback) async throws(Diagnostics) -> ExitCode {
        let console = common.console
        let plan = rollback.result.plan
        Invocation.report(rollback.result.warnings, console)
        if let undone = rollback.undone {
            console.note(
                "Back to generation \(rollback.generation), before the run \(undone.id.prefix(8)) (\(undone.kind) by "
                    + "\(undone.actor), \(InstantText.utc(undone.startedAt))).")
        }
        PlanReport(plan).render(console.output) { console.write($0) }
        if onlyPlans { return ExitCode(plan.policies.contains(where: \.refuses) ? 1 : 0) }
        // Nobody is asked about what would be refused.
        try PolicyReview.admit(plan)
        let applying = PlanApplying(
            console: console, session: rollback.session, parallelism: parallelism, mayAsk: !prompts.noInput,
            kind: "rollback")
        let question = autoApprove ? nil : "Go back to generation \(rollback.generation)?"
        let code = try await applying.apply(plan, asking: question)
        console.note("The specs still say what they said: revert them too, or the next apply goes forward again.")
        return code
    }
}
