internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state pull`
struct StatePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Print the state as JSON; secrets in it stay sealed.",
        discussion: """
            Examples:
              plumb state pull > state.json
              plumb state pull --history > state.json
            """)

    @OptionGroup var common: StackOptions

    @Flag(help: "With changes and runs of the past.")
    var history = false

    func run() async throws {
        try await common.withState { (state) throws(Diagnostics) in
            common.console.write(try await StateBackupOperation(state).text(includesHistory: history))
        }
    }
}
