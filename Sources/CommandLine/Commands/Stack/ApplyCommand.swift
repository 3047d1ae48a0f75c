internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb apply`
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make it so: plan, ask, and do it; or do what a saved plan says.",
        discussion: """
            Examples:
              plumb apply
              plumb apply --auto-approve
              plumb apply --auto-approve --lock-timeout 5m     after others
              plumb apply release.plan       exactly that plan, or nothing

            Ctrl-C once: what runs is finished, nothing more is started. Twice: calls are cancelled; the next run finds out \
            what became of them.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var planning: PlanningOptions
    @OptionGroup var prompts: PromptOptions
    @OptionGroup var lease: LeaseOptions

    @Argument(help: "A plan saved with `plumb plan --out`.", completion: .file())
    var plan: String?

    @Flag(help: "Do not ask.")
    var autoApprove = false

    @Flag(help: "With --auto-approve: destroy more than `sync.guard` in stack.yaml allows.")
    var allowDestroys = false

    func validate() throws {
        let options = planning
        guard plan != nil else { return }
        if !options.target.isEmpty || !options.exclude.isEmpty || !options.replace.isEmpty || options.refreshOnly
            || !options.refresh
        {
            throw ValidationError(
                "A saved plan says all: --target, --exclude, --replace and --refresh… go with `plumb plan`.")
        }
    }

    func run() async throws {
        let code: ExitCode
        do throws(Diagnostics) {
            if let plan { code = try await applySaved(plan) } else { code = try await planAndApply(.normal) }
        } catch {
            throw common.failing(error)
        }
        if code.rawValue != 0 { throw code }
    }

    private func applySaved(_ path: String) async throws(Diagnostics) -> ExitCode {
        let saved = try await SavedPlan.open(
            path, at: common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
            variables: try variables.arguments(), asking: prompts.asking(common))
        let applying = PlanApplying(
            console: common.console, session: saved.session, parallelism: planning.parallelism, lease: lease)
        let code = try await applying.apply(saved.plan, asking: nil)
        await saved.session.close()
        return code
    }

    private func planAndApply(_ mode: Plan.Mode) async throws(Diagnostics) -> ExitCode {
        try await PlanAndApply(
            common: common, variables: variables, planning: planning, prompts: prompts, lease: lease,
            autoApprove: autoApprove, allowsDestroys: allowDestroys
        ).run(mode, question: "Shall Plumbline do this?")
    }
}
