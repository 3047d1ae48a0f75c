internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state rm`
struct StateRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Forget recorded resources; they stay as they are.",
        discussion: """
            Examples:
              plumb state rm local_file.old
              plumb state rm 'local_file.a["web"]' module.net
              plumb state rm --interrupted command.setup    only what a killed run left open

            An entry of `removed:` with `destroy: false` in the specs does the same for everybody; \
            prefer it.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "Addresses of resources, instances or modules.")
    var addresses: [String]

    @Flag(help: "Keep the rows, and forget changes that a killed run has begun: as if they never were.")
    var interrupted = false

    func run() async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let removal = StateRemoveOperation(state, holder: Invocation.holder)
            let (forgotten, told) =
                interrupted
                ? (try await removal.forgetInterruptions(addresses), "counts as never changed by the interrupted run")
                : (try await removal.run(addresses), "is forgotten and stays as it is")
            await state.close()
            for address in forgotten { common.console.write("\(address) \(told)\n") }
        } catch {
            throw common.failing(error)
        }
    }
}
