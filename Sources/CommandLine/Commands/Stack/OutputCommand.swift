internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb output`
struct OutputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "output", abstract: "Show the outputs of the last apply.",
        discussion: """
            Examples:
              plumb output
              plumb output --json            all of them, secrets too, as Terraform does
              plumb output --raw password    one, bare: for scripts
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "One output.")
    var name: String?

    @Flag(help: "As JSON; secrets are shown.")
    var json = false

    @Flag(help: "Only the value of one output, without quotes; a secret is shown.")
    var raw = false

    func validate() throws {
        if json, raw { throw ValidationError("--json and --raw exclude each other.") }
        if raw, name == nil { throw ValidationError("--raw needs the name of an output.") }
    }

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let outputs = try await state.snapshot().outputs
            await state.close()
            let report = OutputsReport(outputs)
            if let name {
                console.write(raw ? try report.raw(name) : try report.json(of: name) + "\n")
            } else if json {
                console.write(report.json() + "\n")
            } else {
                console.write(report.render(console.output))
            }
        } catch {
            throw common.failing(error)
        }
    }
}
