internal import Loading
internal import PlumbModel
internal import Resolving

/// `--var name=value` or `--var-file path`, in the order in which they were given.
public enum VariableArgument: Sendable {
    case value(name: String, text: String)
    case file(path: String)
}

/// Collects the values of variables from everywhere, weakest first: the environment, `*.vars.yaml` of the stack, then
/// what a test file says, then what the command line says.
struct VariableGathering {
    let specification: Specification
    let source: any SpecificationSource
    let environment: [String: String]
    let arguments: [VariableArgument]
    /// Asks a person for what is missing; nil where there is nobody to ask.
    var asking: VariableQuestion.Asking?
    var overrides: [GivenVariable] = []
    /// Whether what is given from outside of the specs is unknown to them, and what is encrypted in variable files too. What
    /// has no value otherwise may have one from there when it is planned for good, and is unknown as well.
    var withholding = false

    func gather() throws(Diagnostics) -> [GivenVariable] {
        let given = try collect()
        let names = Set(given.map(\.name))
        let missing = specification.variables.filter { $0.defaultValue == nil && !names.contains($0.name) }
        if withholding { return given + missing.map { withheld($0.name, "the one who plans") } }
        return given + ask(for: missing)
    }

    /// What a saved plan does not hold: the values of ephemeral variables, for all others would change what was planned.
    ///
    /// - Parameters:
    ///   - planned: variables whose values the plan holds.
    ///   - wanted: ephemeral variables that had a value when the plan was made.
    func gatherEphemeral(planned: Set<String>, wanted: Set<String>) throws(Diagnostics) -> [GivenVariable] {
        var diagnostics = Diagnostics()
        var given: [GivenVariable] = []
        for variable in try collect() {
            guard planned.contains(variable.name) else {
                given.append(variable)
                continue
            }
            if variable.origin.hasPrefix("PLUMB_VAR_") { continue }
            diagnostics.append(
                .error(
                    "Variable belongs to the plan",
                    "\(variable.origin) gives a value for \"\(variable.name)\", but the plan was made with one and is applied "
                        + "as it is. Give it to `plumb plan`; only the values of ephemeral variables are given again."))
        }
        let names = Set(given.map(\.name))
        let missing = specification.variables.filter { wanted.contains($0.name) && !names.contains($0.name) }
        let answers = ask(for: missing)
        let answered = Set(answers.map(\.name))
        for variable in missing where !answered.contains(variable.name) {
            diagnostics.append(
                .error(
                    "Missing variable value",
                    "The variable \"\(variable.name)\" is ephemeral, so that the plan does not hold the value that it was made "
                        + "with. Give it again, with `--var \(variable.name)=…` or in the environment variable "
                        + "PLUMB_VAR_\(variable.name).", at: variable.nameRange))
        }
        try diagnostics.throwIfErrors()
        return given + answers
    }

    private func ask(for missing: [VariableDeclaration]) -> [GivenVariable] {
        guard let asking else { return [] }
        return missing.sorted { $0.name < $1.name }.compactMap { variable in
            let question = VariableQuestion(
                name: variable.name, summary: variable.summary, type: variable.givenType?.description,
                isSensitive: variable.isSensitive || variable.isEphemeral)
            return asking(question).map {
                GivenVariable(name: variable.name, content: .text($0), origin: "the answer to the prompt")
            }
        }
    }

    private func collect() throws(Diagnostics) -> [GivenVariable] {
        var diagnostics = Diagnostics()
        var given: [GivenVariable] = []
        for (key, text) in environment.sorted(by: { $0.key < $1.key }) where key.hasPrefix("PLUMB_VAR_") {
            let name = String(key.dropFirst(10))
            given.append(
                withholding ? withheld(name, key) : GivenVariable(name: name, content: .text(text), origin: key))
        }
        for path in specification.variableFiles {
            diagnostics.collect { () throws(Diagnostics) in given += try read(path, from: source) }
        }
        given += overrides
        for argument in arguments {
            switch argument {
            case .value(let name, let text):
                given.append(
                    withholding
                        ? withheld(name, "--var \(name)")
                        : GivenVariable(name: name, content: .text(text), origin: "--var \(name)"))
            case .file(let path):
                diagnostics.collect { () throws(Diagnostics) in
                    let slash = path.lastIndex(of: "/")
                    let folder = slash.map { String(path[..<$0]) } ?? "."
                    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
                    let pairs = try read(name, from: try DirectorySource(path: folder.isEmpty ? "/" : folder))
                    given += withholding ? pairs.map { withheld($0.name, path) } : pairs
                }
            }
        }
        try diagnostics.throwIfErrors()
        return given
    }

    private func withheld(_ name: String, _ origin: String) -> GivenVariable {
        GivenVariable(name: name, content: .value(Value.unknown().sensitive()), origin: origin)
    }

    private func read(_ path: String, from source: any SpecificationSource) throws(Diagnostics) -> [GivenVariable] {
        let file = try VariableFile.load(
            path, from: source, decrypter: withholding ? SecretWithholding() : SpecDecrypter(environment))
        return file.pairs.map { pair in
            // Every value of an encrypted file is secret, whether or not it was encrypted itself.
            GivenVariable(
                name: pair.name,
                content: file.isEncrypted ? .value(pair.node.plainValue.sensitive()) : .node(pair.node),
                origin: pair.nameRange.description)
        }
    }
}
