internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// What the commands that end a drift by an edit of the specs have in common: which resource, and which place of it.
struct DriftEditOptions: ParsableArguments {
    @OptionGroup var common: StackOptions
    @OptionGroup var variables: VariableOptions

    @Argument(help: "The resource that has drifted.")
    var address: String

    @Argument(help: "Only this place of it.")
    var path: String?

    /// Has the specs edited, and says what was changed.
    func run(_ edit: (DriftAcceptOperation) async throws(Diagnostics) -> DriftAcceptOperation.Edited) async throws {
        do throws(Diagnostics) {
            let operation = DriftAcceptOperation(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment,
                variables: try variables.arguments()
            ) { _ in
            }
            let edited = try await edit(operation)
            let places = edited.paths.map(\.description).joined(separator: ", ")
            common.console.note("Changed \(edited.file) (line \(edited.line)) for \(address): \(places).")
        } catch {
            throw common.failing(error)
        }
    }
}
