internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state migrate`
struct StateMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Move the state to another place, with its history.",
        discussion: """
            Examples:
              plumb state migrate --to sqlite:/srv/plumb/state.db
              plumb state migrate --to '{sqlite: {path: /srv/plumb/state.db}}'
              plumb state migrate --to postgresql://plumb@db.example.org/plumb

            The copy is compared with the original before that is marked as moved. Afterwards `state:` in stack.yaml must name the
            new place.
            """)

    @OptionGroup var common: StackOptions

    @Option(help: "The new place: what `state:` of stack.yaml would say, sqlite:PATH, or a URL.")
    var to: String

    func run() async throws {
        let console = common.console
        try await common.withState { (state) throws(Diagnostics) in
            let migrated = try await StateMigrateOperation(state, holder: Invocation.holder).run(to: to)
            console.write(
                "Moved \(migrated.resources) resources and \(migrated.changes) changes from \(migrated.from) to "
                    + "\(migrated.to).\n")
            console.note("Let `state:` in stack.yaml name the new place now; the old one is marked as moved.")
        }
    }
}
