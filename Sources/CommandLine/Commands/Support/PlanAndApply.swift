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
    let autoApprove: Bool

    /// - Returns: the exit code.
    func run(_ mode: Plan.Mode, question: String) async throws(Diagnostics) -> ExitCode {
        let console = common.console
        let session = try await StackSession.open(
            common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
            variables: try variables.arguments(), asking: prompts.asking(common))
        let making = PlanMaking(console: console, session: session)
        let result = try await making.make(planning.options(mode))
        making.show(result)
        let applying = PlanApplying(
            console: console, session: session, parallelism: planning.parallelism,
            mayAsk: !prompts.noInput)
        let code = try await applying.apply(result.plan, asking: autoApprove ? nil : question)
        await session.close()
        return code
    }
}
