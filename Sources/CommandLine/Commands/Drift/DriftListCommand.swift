internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb drift list`
struct DriftListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show what earlier checks have found; ask no system.",
        discussion: """
            Examples:
              plumb drift list
              plumb drift list --ended      also what was healed, or has gone by itself
              plumb drift list --json       with the holds
            """)

    @OptionGroup var common: StackOptions

    @Flag(help: "Also what is over.")
    var ended = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        let console = common.console
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let notes = try await DriftNoteOperation(state, holder: Invocation.holder).notes()
            await state.close()
            let records = ended ? notes.drift : notes.drift.filter(\.isPresent)
            if json {
                console.write(DriftRecordDocument(records, notes.holds, at: Invocation.now).json())
            } else {
                console.write(DriftRecordReport(records, notes.holds).render(console.output))
            }
        } catch {
            throw common.failing(error)
        }
    }
}
