internal import ArgumentParser
internal import Operations
internal import PlumbModel

/// The options that give values to variables.
struct VariableOptions: ParsableArguments {
    @Option(name: .customLong("var"), help: "A variable's value: --var region=eu. May be repeated.")
    var variables: [String] = []

    @Option(name: .customLong("var-file"), help: "A YAML file of variables. May be repeated.", completion: .file())
    var files: [String] = []

    /// In the order of the command line, since a later one wins.
    func arguments() throws(Diagnostics) -> [VariableArgument] {
        var arguments: [VariableArgument] = []
        for option in ordered(CommandLine.arguments.dropFirst()) {
            switch option {
            case .file(let path): arguments.append(.file(path: path))
            case .variable(let text): arguments.append(try value(text))
            }
        }
        return arguments
    }

    private func value(_ text: String) throws(Diagnostics) -> VariableArgument {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw Diagnostics(.error("Invalid option", "`--var \(text)` has no value. Write `--var name=value`."))
        }
        return .value(name: String(text[..<equals]), text: String(text[text.index(after: equals)...]))
    }

    private enum Given {
        case variable(String)
        case file(String)
    }

    /// The parser tells each option's values in their order, but not how those of two options stand among each other:
    /// that is read off the words.
    private func ordered(_ words: some Sequence<String>) -> [Given] {
        var options: [Given] = []
        var variables = self.variables[...]
        var files = self.files[...]
        for word in words {
            if word == "--" { break }
            if isOption(word, "--var"), let text = variables.popFirst() { options.append(.variable(text)) }
            if isOption(word, "--var-file"), let path = files.popFirst() { options.append(.file(path)) }
        }
        return options + files.map(Given.file) + variables.map(Given.variable)
    }

    private func isOption(_ word: String, _ name: String) -> Bool { word == name || word.hasPrefix(name + "=") }
}

/// Whether and how a person is asked.
struct PromptOptions: ParsableArguments {
    @Flag(help: "Ask for nothing: a value that is missing is an error.")
    var noInput = false

    /// Asks in the terminal for values that are missing; nil where there is nobody to ask.
    func asking(_ common: StackOptions) -> VariableQuestion.Asking? {
        guard !noInput, VariablePrompt.isPossible else { return nil }
        let prompt = VariablePrompt(console: common.console)
        return { prompt.ask($0) }
    }
}
