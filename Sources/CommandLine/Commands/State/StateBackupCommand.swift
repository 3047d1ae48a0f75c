internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state backup`
struct StateBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write all of the state to a file, history too, while it is in use.",
        discussion: """
            Examples:
              plumb state backup state-2026-05-01.json

            The file is what the state was at one instant, in the form that `plumb state push` reads. Secrets in it are sealed:
            keep the key too, or nobody can read them.
            """)

    @OptionGroup var common: StackOptions

    @Argument(help: "The file; one that is there is replaced.", completion: .file())
    var file: String

    func run() async throws {
        let console = common.console
        try await common.withState { (state) throws(Diagnostics) in
            let backup = try await StateBackupOperation(state).write(to: file)
            console.write(
                "Wrote \(backup.resources) resources and \(backup.changes) changes to \(file) (\(backup.bytes) bytes).\n"
            )
            guard backup.secrets > 0 else { return }
            let place = backup.keyFile ?? "PLUMB_STATE_KEY"
            console.note(
                "\(backup.secrets) secrets in it are sealed. Their key is not in it: keep \(place) elsewhere too.")
        }
    }
}
