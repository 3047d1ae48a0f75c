internal import ArgumentParser
internal import PlumbModel
internal import Reconciling
internal import Reporting

/// `plumb controller check`
struct ControllerCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell what is wrong with a controller's configuration; ask no system.",
        discussion: """
            Examples:
              plumb controller check controller.yaml

            Variables and files that the configuration names, and that are not here, are warnings: it may run elsewhere. Whether \
            servers answer and tokens are good, only running tells.

            Exit codes: 0 sound, 1 something is wrong with it.
            """)

    @Argument(help: "The configuration.", completion: .file())
    var file: String

    func run() async throws {
        let console = Console(noColorFlag: false, quiet: false)
        do throws(Diagnostics) {
            let configuration = try await ControllerFile(file, environment: Invocation.environment).check()
            Invocation.report(configuration.warnings, console)
            let count = configuration.repositories.count
            console.write("\(file) is sound: \(count) repositor\(count == 1 ? "y" : "ies").\n")
        } catch {
            Invocation.report(error, console)
            throw ExitCode(1)
        }
    }
}
