internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb drift accept`
struct DriftAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Write what is live into the specs, so that it is drift no more.",
        discussion: """
            Examples:
              plumb drift accept local_file.motd
              plumb drift accept local_file.motd content

            Changes the one value and leaves all else in the file as it is. Then everything is loaded and planned anew; where it is \
            still drift, the file is put back. What comes from an expression, and what is secret, has to be changed by hand.
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
            let edited = try await operation.accept(address, path: path)
            let places = edited.paths.map(\.description).joined(separator: ", ")
            common.console.note("Changed \(edited.file) (line \(edited.line)) for \(address): \(places).")
        } catch {
            throw common.failing(error)
        }
    }
}
