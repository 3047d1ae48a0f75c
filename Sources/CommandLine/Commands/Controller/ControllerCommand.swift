internal import ArgumentParser

/// `plumb controller`: follows repositories and holds their stacks to what is in them.
struct ControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller", abstract: "Follow Git repositories, and hold their stacks to what is in them.",
        discussion: """
            Examples:
              plumb controller --config controller.yaml
              plumb controller --config controller.yaml --once    reconcile everything once, for CI
              plumb controller check controller.yaml              tell what is wrong with a configuration

            The smallest configuration:
              repositories:
                infra: {url: https://git.example.org/infra.git, stacks: [stacks/*]}
            """,
        subcommands: [ControllerRunCommand.self, ControllerCheckCommand.self],
        defaultSubcommand: ControllerRunCommand.self)

    /// What may follow `controller` on the command line as the name of a command.
    static let subcommandNames = ["run", "check"]
}
