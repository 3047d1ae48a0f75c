internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb api check`
struct APICheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check an API file without asking the API.",
        discussion: """
            Tells what is wrong with file, line and column; of a file that is right, what its types can do, and what \
            follows from what it leaves out.

            Examples:
              plumb api check shop.yaml
              plumb api check shop.yaml --json | jq    problems, for programs
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The API file.", completion: .file())
    var file: String

    @Flag(help: "Problems as JSON on standard output.")
    var json = false

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let checked = try await APICheckOperation(path: path, capabilities: Invocation.capabilities).run()
            if json {
                console.write(DiagnosticReport(checked.warnings.sortedBySource()).json() + "\n")
            } else {
                Invocation.report(checked.warnings, console)
                console.write(APICheckReport(checked).render(console.output))
            }
        } catch {
            guard json else { throw common.failing(error) }
            console.write(DiagnosticReport(error.sortedBySource()).json() + "\n")
            throw ExitCode(1)
        }
    }

    private var path: String {
        common.directory == "." || file.hasPrefix("/") ? file : common.directory + "/" + file
    }
}
