internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state push`
struct StatePushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Record what a file from `pull` or `backup` says.",
        discussion: """
            Examples:
              plumb state push state.json
              plumb state push backup.json --force    though the state is newer

            Nothing outside is changed. What was recorded before stays in history. Where nothing is recorded yet, all of the file
            is put back, history too.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Flag(help: "Though the file is older than the state, or from another one.")
    var force = false

    func run() async throws {
        let console = common.console
        try await common.withState { (state) throws(Diagnostics) in
            let pushed = try await StatePushOperation(state, holder: Invocation.holder).run(file, force: force)
            for address in pushed.forgotten { console.write("- \(address)\n") }
            for address in pushed.written { console.write("\(pushed.isRestored ? "+" : "~") \(address)\n") }
            console.write(
                pushed.isRestored
                    ? "Restored \(pushed.written.count) resources with their history. Next: plumb plan\n"
                    : "Recorded \(pushed.written.count) resources, forgot \(pushed.forgotten.count). Next: plumb plan\n"
            )
            guard !pushed.skippedIntents.isEmpty else { return }
            console.note(
                "\(pushed.skippedIntents.count) interrupted changes that the file tells of were not taken over: "
                    + "\(pushed.skippedIntents.map(\.description).joined(separator: ", "))")
        }
    }
}
