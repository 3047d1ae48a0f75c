internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// `plumb state verify`
struct StateVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Look whether the state is whole. Changes nothing.",
        discussion: """
            Examples:
              plumb state verify
              plumb state verify --refresh    also ask the providers about every resource

            Looks for damage in the database, secrets that no key opens, rows that do not fit the schemas of their types or that
            nobody owns, and changes that a killed run left open. Exit code 1 if something is damaged.
            """)

    @OptionGroup var common: StackOptions

    @Flag(help: "Ask the providers what has become of each resource.")
    var refresh = false

    func run() async throws {
        let console = common.console
        var isDamaged = false
        try await common.withState { (state) throws(Diagnostics) in
            let verification = try await StateVerifyOperation(state, holder: Invocation.holder).run(refresh: refresh)
            Invocation.report(verification.problems, console)
            console.write(StateVerificationReport(console.output).render(verification))
            isDamaged = verification.problems.hasErrors
        }
        if isDamaged { throw ExitCode(1) }
    }
}
