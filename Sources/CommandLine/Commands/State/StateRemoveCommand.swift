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

            An entry of `removed:` with `destroy: false` in the specs does the same for everybody; \
            prefer it.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "Addresses of resources, instances or modules.")
    var addresses: [String]

    func run() async throws {
        do throws(Diagnostics) {
            let state = try await StateOperation.open(
                common.location, capabilities: Invocation.capabilities, environment: Invocation.environment)
            let forgotten = try await StateRemoveOperation(state, holder: Invocation.holder).run(addresses)
            await state.close()
            for address in forgotten { common.console.write("\(address) is forgotten and stays as it is\n") }
        } catch {
            throw common.failing(error)
        }
    }
}
