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
    var overrides: [GivenVariable] = []

    func gather() throws(Diagnostics) -> [GivenVariable] {
        var diagnostics = Diagnostics()
        var given: [GivenVariable] = []
        for (key, text) in environment.sorted(by: { $0.key < $1.key }) where key.hasPrefix("PLUMB_VAR_") {
            given.append(GivenVariable(name: String(key.dropFirst(10)), content: .text(text), origin: key))
        }
        for path in specification.variableFiles {
            diagnostics.collect { () throws(Diagnostics) in given += try read(path, from: source) }
        }
        given += overrides
        for argument in arguments {
            switch argument {
            case .value(let name, let text):
                given.append(GivenVariable(name: name, content: .text(text), origin: "--var \(name)"))
            case .file(let path):
                diagnostics.collect { () throws(Diagnostics) in
                    let slash = path.lastIndex(of: "/")
                    let folder = slash.map { String(path[..<$0]) } ?? "."
                    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
                    given += try read(name, from: try DirectorySource(path: folder.isEmpty ? "/" : folder))
                }
            }
        }
        try diagnostics.throwIfErrors()
        return given
    }

    private func read(_ path: String, from source: any SpecificationSource) throws(Diagnostics) -> [GivenVariable] {
        try VariableFile.load(path, from: source).map {
            GivenVariable(name: $0.name, content: .node($0.node), origin: $0.nameRange.description)
        }
    }
}
