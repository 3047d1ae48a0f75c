internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb validate`
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the specs without asking any system.",
        discussion: """
            Examples:
              plumb validate
              plumb validate --rev origin/main   a revision, without checking it out
              plumb validate --json | jq         for editors and other programs
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Option(help: "Check this Git revision instead of the directory's files.")
    var rev: String?

    @Flag(help: "Problems as JSON on standard output.")
    var json = false

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let session = try await StackSession.open(
                StackLocation(directory: common.directory, revision: rev), capabilities: Invocation.capabilities,
                environment: Invocation.environment, variables: try variables.arguments(), requiresVariables: false)
            if json {
                console.write(DiagnosticReport(session.warnings).json() + "\n")
            } else {
                Invocation.report(session.warnings, console)
                let count = session.graph.declarations.count
                console.write("Valid: \(session.name) declares \(count) resource\(count == 1 ? "" : "s").\n")
            }
            await session.close()
        } catch {
            guard json else { throw common.failing(error) }
            console.write(DiagnosticReport(error.sortedBySource()).json() + "\n")
            throw ExitCode(1)
        }
    }
}
