internal import ArgumentParser

/// `plumb drift`: the commands about what was changed outside. Alone, it looks.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Show what was changed outside, heal it, accept it, or let it be.",
        discussion: """
            Examples:
              plumb drift                                look once: exit code 0 in sync, 2 drift, 1 failed
              plumb drift --heal                         and set back what the rules say is to be healed
              plumb drift --all stacks --junit drift.xml
              plumb drift ack local_file.motd --until 7d --reason "changed in the incident"
              plumb drift accept local_file.motd         write what is live into the specs
              plumb drift ignore local_file.motd content

            What is done about drift is said by `drift: {mode: detect|warn|heal}` of a resource, or by `sync: {drift: …}` of \
            stack.yaml. Without either it is detected.
            """,
        subcommands: [
            DriftCheckCommand.self, DriftListCommand.self, DriftAckCommand.self, DriftAcceptCommand.self,
            DriftIgnoreCommand.self,
        ], defaultSubcommand: DriftCheckCommand.self)

    /// What may follow `drift` on the command line as the name of a command.
    static let subcommandNames = ["check", "list", "ack", "accept", "ignore"]
}
