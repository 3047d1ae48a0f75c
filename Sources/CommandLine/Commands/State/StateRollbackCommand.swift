internal import ArgumentParser
internal import Operations
internal import PlumbModel

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
        let rolling = RollingBack(
            common: common, variables: variables, prompts: prompts, parallelism: parallelism, onlyPlans: plan,
            autoApprove: autoApprove)
        try await common.withState { (state) throws(Diagnostics) in
            code = try await rolling.run(to: point, state)
        }
        if code.rawValue != 0 { throw code }
    }
}
