internal import ArgumentParser
internal import Operations
internal import PlumbModel
internal import Reporting

/// The options of every command that is about a stack.
struct CommonOptions: ParsableArguments {
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

/// The options that give values to variables.
struct VariableOptions: ParsableArguments {
    @Option(name: .customLong("var"), help: "A variable's value: --var region=eu. May be repeated.")
    var variables: [String] = []

    @Option(name: .customLong("var-file"), help: "A YAML file of variables. May be repeated.", completion: .file())
    var files: [String] = []

    /// Files first, so that single values win over them.
    func arguments() throws(Diagnostics) -> [VariableArgument] {
        var arguments = files.map { VariableArgument.file(path: $0) }
        for text in variables {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw Diagnostics(
                    .error("Invalid option", "`--var \(text)` has no value. Write `--var name=value`."))
            }
            arguments.append(
                .value(name: String(text[..<equals]), text: String(text[text.index(after: equals)...])))
        }
        return arguments
    }
}
