internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reconciling
internal import Reporting

/// `plumb rollback`
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Undo the newest apply: here, or by way of a controller.",
        discussion: """
            Examples:
              plumb rollback                    plan towards what was before the newest run, ask, and do it
              plumb rollback --plan             only show the plan
              plumb rollback shop --controller https://plumb.example.org --reason "does not start"

            With --controller, the stack of that name goes back to the revision before, and the newest one is kept off until a newer \
            one comes. The token, of the role admin, stands in the environment variable PLUMB_CONTROLLER_TOKEN.

            Without, `plumb state rollback` says what can be brought back, and goes back further. The specs stay as they are: \
            revert them too, or the next apply goes forward again.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var prompts: PromptOptions

    @Argument(help: "The stack, with --controller.")
    var stack: String?

    @Option(help: ArgumentHelp("The controller to ask.", valueName: "url"))
    var controller: String?

    @Option(help: "With --controller: why, for others.")
    var reason: String?

    @Flag(help: "Only show the plan.")
    var plan = false

    @Flag(help: "Do not ask.")
    var autoApprove = false

    @Option(help: "Calls of providers at once. Default: of each, as many as its system takes well.")
    var parallelism: Int?

    private static let tokenName = "PLUMB_CONTROLLER_TOKEN"

    func validate() throws {
        if let parallelism, parallelism < 1 { throw ValidationError("--parallelism must be at least 1.") }
        guard controller != nil else {
            if let stack {
                throw ValidationError(
                    "The stack \"\(stack)\" is named for --controller URL. Without it, the stack is that of this directory "
                        + "(or of -C), and `plumb state rollback` takes a generation or a run.")
            }
            if reason != nil { throw ValidationError("--reason goes with --controller.") }
            return
        }
        if stack == nil { throw ValidationError("Name the stack that the controller is to roll back.") }
        if reason?.contains(where: { !$0.isWhitespace }) != true {
            throw ValidationError("Say why with --reason: others will read it.")
        }
        if plan { throw ValidationError("--plan is for a stack of this machine: a controller shows its plans itself.") }
    }

    func run() async throws {
        if let controller, let stack, let reason { return try await ask(controller, stack, reason) }
        var code = ExitCode(0)
        let rolling = RollingBack(
            common: common, variables: variables, prompts: prompts, parallelism: parallelism, onlyPlans: plan,
            autoApprove: autoApprove)
        try await common.withState { (state) throws(Diagnostics) in
            code = try await rolling.run(to: nil, state)
        }
        if code.rawValue != 0 { throw code }
    }

    private func ask(_ place: String, _ stack: String, _ reason: String) async throws {
        do throws(Diagnostics) {
            guard let token = Invocation.environment[Self.tokenName], !token.isEmpty else {
                throw Diagnostics(
                    .error(
                        "Token is missing",
                        "The environment variable \(Self.tokenName) is not set, or empty. Put a token of the controller's "
                            + "configuration into it, of the role admin."))
            }
            let client = try ControllerClient(place, token: token)
            let result: Result<Void, Diagnostics>
            do throws(Diagnostics) {
                result = .success(try await client.rollBack(stack, reason: reason))
            } catch {
                result = .failure(error)
            }
            await client.close()
            try result.get()
            common.console.note(
                "The controller rolls \(stack) back. Mend the specs with a commit, or revert them: that ends it.")
        } catch {
            throw common.failing(error)
        }
    }
}
