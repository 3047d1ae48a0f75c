internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb drift ignore`
struct DriftIgnoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ignore", abstract: "Write `ignore_changes` into the specs, so that others may change it.",
        discussion: """
            Examples:
              plumb drift ignore local_file.motd
              plumb drift ignore local_file.motd content

            Adds the place to `lifecycle: {ignore_changes: [...]}` of the resource. Then everything is loaded and planned anew; \
            where it is still drift, the file is put back.
            """)

    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Argument(help: "The resource that has drifted.")
    var address: String

    @Argument(help: "Only this place of it.")
    var path: String?

    func run() async throws {
        do throws(Diagnostics) {
            let operation = DriftAcceptOperation(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments()
            ) { _ in
            }
            let edited = try await operation.ignore(address, path: path)
            let places = edited.paths.map(\.description).joined(separator: ", ")
            common.console.note("Changed \(edited.file) (line \(edited.line)) for \(address): \(places).")
        } catch {
            throw common.failing(error)
        }
    }
}
