internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb explain`
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say where a value comes from, what it is, and why it will change.",
        discussion: """
            Examples:
              plumb explain local_file.hosts
              plumb explain 'local_file.config["web"].filename'
              plumb explain var.region
              plumb explain 'module.net["eu"].var.size'
              plumb explain output.url --json
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Argument(help: "A resource, one of its attributes, a variable, a local, an output or a module; also of a module.")
    var address: String

    @Option(help: ArgumentHelp("Read live values first.", valueName: "true|false"))
    var refresh = true

    @Flag(help: "As JSON; secrets stay hidden.")
    var json = false

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let arguments = try variables.arguments()
            let session = try await StackSession.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: arguments)
            let explanation = try await explain(session, arguments, console)
            await session.close()
            let report = ExplanationReport(explanation)
            console.write(json ? report.json() : report.render(console.output))
        } catch {
            throw common.failing(error)
        }
    }

    private func explain(
        _ session: StackSession, _ arguments: [VariableArgument], _ console: Console
    ) async throws(Diagnostics) -> Explanation {
        let progress = ProgressReport(console: console, total: 0)
        defer { progress.finish() }
        let operation = try ExplainOperation(
            session, environment: Invocation.environment, variables: arguments, holder: Invocation.holder)
        return try await operation.explain(address, refreshes: refresh) { progress.handle($0) }
    }
}
