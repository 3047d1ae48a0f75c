internal import Applying
internal import ArgumentParser
internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting

/// Plans, shows, asks and applies in one go: `apply` without a saved plan, and `destroy`.
struct PlanAndApply {
    let common: StackOptions
    let variables: VariableOptions
    let planning: PlanningOptions
    let prompts: PromptOptions
    let lease: LeaseOptions
    let autoApprove: Bool
    /// Whether `sync.guard` does not count.
    var allowsDestroys = false

    /// - Returns: the exit code.
    func run(_ mode: Plan.Mode, question: String) async throws(Diagnostics) -> ExitCode {
        let session = try await StackSession.open(
            common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
            variables: try variables.arguments(), asking: prompts.asking(common))
        let held = try await hold(session)
        do throws(Diagnostics) {
            let code = try await run(mode, question, session, held)
            await held?.giveBack()
            await session.close()
            return code
        } catch {
            await held?.giveBack()
            throw error
        }
    }

    private func run(
        _ mode: Plan.Mode, _ question: String, _ session: StackSession, _ held: HeldStack?
    ) async throws(Diagnostics) -> ExitCode {
        let making = PlanMaking(console: common.console, session: session)
        let result = try await making.make(planning.options(mode))
        making.show(result)
        try PolicyReview.admit(result.plan)
        // A destruction is asked for by its name, and a person who is asked sees what goes.
        if autoApprove, mode == .normal, !allowsDestroys { try DestructionGuard(session).check(result) }
        let applying = PlanApplying(
            console: common.console, session: session, parallelism: planning.parallelism,
            mayAsk: !prompts.noInput, lease: lease, held: held)
        return try await applying.apply(result.plan, asking: autoApprove ? nil : question)
    }

    /// Whoever waits for others plans after them. With a person to ask, the stack is only waited for: nobody is to be kept
    /// from it while they read.
    private func hold(_ session: StackSession) async throws(Diagnostics) -> HeldStack? {
        let operation = ApplyOperation(session, holder: Invocation.holder)
        let held = try await lease.hold(operation, control: RunControl(), common.console)
        if autoApprove { return held }
        await held?.giveBack()
        return nil
    }
}
