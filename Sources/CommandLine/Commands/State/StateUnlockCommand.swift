internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state unlock`
struct StateUnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "End the lease of a run that cannot give it back.",
        discussion: """
            Examples:
              plumb state unlock --reason "the CI runner was shut down"
              plumb state unlock --reason "its machine is gone" --force

            A dead run's lease ends by itself within half a minute, and on the same machine at once: this is for when that cannot
            be waited for. Who did it and why is kept in the history of runs.
            """)

    @OptionGroup var common: StackOptions

    @Option(help: "Why: kept in the history of runs.")
    var reason: String

    @Flag(help: "End also the lease of a run that may be alive; it can record nothing more then.")
    var force = false

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say something.") }
    }

    func run() async throws {
        let console = common.console
        try await common.withState { (state) throws(Diagnostics) in
            switch try await StateUnlockOperation(state, holder: Invocation.holder).run(reason: reason, force: force) {
            case .free: console.write("Nobody holds the stack.\n")
            case .ended(let lease): console.write("Ended the lease of \(lease.holder).\n")
            case .endedUnrecorded(let lease, let problem):
                console.write("Ended the lease of \(lease.holder).\n")
                console.note("The reason could not be kept in history: \(problem)")
            }
        }
    }
}
