internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state diff`
struct StateDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what differs between two points of the recorded history.",
        discussion: """
            Examples:
              plumb state diff 12              from generation 12 to now
              plumb state diff 5c1e0b9e        from the end of that run to now
              plumb state diff 12 15

            `plumb state history` lists runs and generations. Resources are named as they are named now.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "A generation, or a run's id or its first digits, which means its end.")
    var from: String

    @Argument(help: "The same; without it: now.")
    var to: String?

    func run() async throws {
        try await common.withState { (state) throws(Diagnostics) in
            let differences = try await state.differences(from: from, to: to)
            common.console.write(StateReport(common.console.output).differences(differences))
        }
    }
}
