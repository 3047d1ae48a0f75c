internal import ArgumentParser
internal import PlumbModel

/// Refuses a command that does not exist with the name of the one that was probably meant.
struct CommandNameCheck {
    let root: any ParsableCommand.Type

    /// - Parameter arguments: without the name of the program.
    func check(_ arguments: [String]) throws {
        var names = [root.configuration.commandName ?? "plumb"]
        var commands = root.configuration.subcommands
        var words = arguments[...]
        // `plumb help plan` is about the command that follows.
        if words.first == "help" { words = words.dropFirst() }
        while let word = words.popFirst(), !word.hasPrefix("-"), !commands.isEmpty {
            guard let next = commands.first(where: { $0.names.contains(word) }) else {
                throw unknown(word, commands, names)
            }
            names.append(word)
            commands = next.configuration.subcommands
        }
    }

    private func unknown(
        _ word: String, _ commands: [any ParsableCommand.Type], _ names: [String]
    ) -> ValidationError {
        let path = names.joined(separator: " ")
        let known = commands.flatMap { $0.names }
        let meant = Suggestion.nearest(to: word, among: known).map { "Did you mean '\(path) \($0)'?" }
        return ValidationError(
            "There is no command '\(path) \(word)'. \(meant ?? "The commands are: \(known.joined(separator: ", ")).")")
    }
}

extension ParsableCommand {
    /// Its name and its other names, as one writes them.
    fileprivate static var names: [String] {
        (configuration.commandName.map { [$0] } ?? []) + configuration.aliases
    }
}
