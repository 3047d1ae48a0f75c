internal import ArgumentParser

/// `plumb api`
struct APICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Work on API files, which describe HTTP APIs to the http provider.",
        subcommands: [APICheckCommand.self])
}
