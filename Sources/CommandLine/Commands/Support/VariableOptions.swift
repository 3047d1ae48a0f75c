internal import ArgumentParser
internal import Operations
internal import PlumbModel

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
