internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb scan`
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Show what exists that nobody manages. Changes nothing.",
        discussion: """
            Examples:
              plumb scan
              plumb scan 'powerdns_*'
              plumb scan --imports >> imports.yaml
              plumb scan --json | jq '.unmanaged[].id'

            Asks the providers that this stack uses (with a pattern or --provider, others too) for everything of the types \
            that they can list, and holds it against the state of this stack. What another stack manages is listed too.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Argument(help: "Only types that match one of these patterns.")
    var types: [String] = []

    @Option(help: "Only this provider instance.")
    var provider: String?

    @Flag(help: "As JSON.")
    var json = false

    @Flag(help: "As entries of `import:` for the specs.")
    var imports = false

    @Flag(help: "Exit with 2 if something is not managed.")
    var detailedExitcode = false

    func validate() throws {
        if json, imports { throw ValidationError("--json and --imports exclude each other.") }
    }

    func run() async throws {
        let console = common.console
        let result: ScanResult
        do throws(Diagnostics) {
            let session = try await StackSession.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments())
            result = try await ScanOperation(session).run(types, provider: provider)
            await session.close()
        } catch {
            throw common.failing(error)
        }
        Invocation.report(result.problems, console)
        let report = ScanReport(result)
        console.write(json ? report.json() : imports ? report.imports() : report.render(console.output))
        if result.problems.hasErrors { throw ExitCode(1) }
        if detailedExitcode, result.types.contains(where: { !$0.unmanaged.isEmpty }) { throw ExitCode(2) }
    }
}
