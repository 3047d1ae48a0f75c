internal import ArgumentParser
internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting

/// `plumb state rollback`
struct StateRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Plan towards what was recorded earlier, ask, and do it.",
        discussion: """
            Examples:
              plumb state rollback 5c1e0b9e     back to the end of that run
              plumb state rollback 12           back to generation 12
              plumb state rollback 12 --plan    only show the plan

            Every attribute that a spec can set gets the value that was recorded then; outputs stay. What providers make up (ids,
            random values) cannot be brought back, and resources in modules are refused. The specs stay as they are: revert them
            too, or the next apply goes forward again.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var prompts: PromptOptions

    @Argument(help: "A generation, or a run's id or its first digits, which means its end.")
    var point: String

    @Flag(help: "Only show the plan.")
    var plan = false

    @Flag(help: "Do not ask.")
    var autoApprove = false

    @Option(help: "Calls of providers at once. Default: of each, as many as its system takes well.")
    var parallelism: Int?

    func run() async throws {
        var code = ExitCode(0)
        try await common.withState { (state) throws(Diagnostics) in
            let operation = RollbackOperation(
                state, common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments())
            let progress = ProgressReport(console: common.console, total: 0)
            let rollback: RollbackOperation.Rollback
            do throws(Diagnostics) {
                rollback = try await operation.plan(
                    to: point, holder: Invocation.holder, parallelism: parallelism
                ) { progress.handle($0) }
                progress.finish()
            } catch {
                progress.finish()
                throw error
            }
            code = try await carryOut(rollback)
        }
        if code.rawValue != 0 { throw code }
    }

    private func carryOut(_ rollback: RollbackOperation.Rollback) async throws(Diagnostics) -> ExitCode {
        let console = common.console
        Invocation.report(rollback.result.warnings, console)
        PlanReport(rollback.result.plan).render(console.output) { console.write($0) }
        var code = ExitCode(0)
        if !plan {
            let applying = PlanApplying(
                console: console, session: rollback.session, parallelism: parallelism, mayAsk: !prompts.noInput,
                kind: "rollback")
            let question = autoApprove ? nil : "Go back to generation \(rollback.generation)?"
            code = try await applying.apply(rollback.result.plan, asking: question)
            console.note("The specs still say what they said: revert them too, or the next apply goes forward again.")
        }
        await rollback.session.close()
        return code
    }
}
