internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// Which stack a command is about, and how it speaks: the options of every such command.
struct StackOptions: ParsableArguments {
    @Option(
        name: [.customShort("C"), .customLong("directory")], help: "The stack's directory.", completion: .directory)
    var directory = "."

    @Flag(name: .long, help: "No colours (also: NO_COLOR=1).")
    var noColor = false

    @Flag(name: .shortAndLong, help: "Results and problems alone: no progress, no notes.")
    var quiet = false

    var console: Console { Console(noColorFlag: noColor, quiet: quiet) }

    var location: StackLocation { StackLocation(directory: directory) }

    /// Shows diagnostics with this command's colours and ends the process with exit code 1.
    func failing(_ diagnostics: Diagnostics) -> ExitCode {
        Invocation.report(diagnostics, console)
        return ExitCode(1)
    }
}
