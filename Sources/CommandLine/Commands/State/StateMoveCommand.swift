internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state mv`
struct StateMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", abstract: "Give recorded resources another address, in the state alone.",
        discussion: """
            Examples:
              plumb state mv local_file.old local_file.new
              plumb state mv 'local_file.a[0]' 'local_file.a["web"]'
              plumb state mv module.net module.network

            An entry of `moved:` in the specs does the same for everybody who applies \
            them; prefer it.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The address now: of a resource, an instance, or a module.")
    var source: String

    @Argument(help: "The address from now on.")
    var target: String

    func run() async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let moves = try await StateMoveOperation(state, holder: Invocation.holder).run(source, to: target)
            await state.close()
            for move in moves { common.console.write("\(move.from) is now \(move.to)\n") }
        } catch {
            throw common.failing(error)
        }
    }
}
