internal import Expressions
internal import PlumbModel

/// What an assertion can refer to: all that the stack's own expressions can, its outputs (`output.url`), and the outputs
/// of earlier runs of the file (`run.first.url`).
struct StackTestScope: EvaluationScope {
    let values: StackValues
    let outputs: ValueMap
    let earlier: RunOutputs

    var files: (any SpecificationSource)? { values.files }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .resource(let address) = reference else {
            return try values.instanceScope.value(of: reference, at: range)
        }
        if let value = try own(address, at: range) { return value }
        try checkDeclared(address, at: range)
        return try values.instanceScope.value(of: reference, at: range)
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        if let value = try own(resource, at: range) { return try value.element(key, at: range) }
        try checkDeclared(resource, at: range)
        return try values.instanceScope.value(of: resource, instance: key, at: range)
    }

    /// `output.NAME` and `run.NAME` are read as addresses, and stand for something else.
    private func own(_ address: ResourceAddress, at range: SourceRange) throws(Diagnostics) -> Value? {
        guard address.mode == .managed, address.module.isEmpty else { return nil }
        if address.type == "run" { return try earlier.value(ofRun: address.name, at: range) }
        guard address.type == "output" else { return nil }
        if let value = outputs[address.name] { return value }
        throw Diagnostics(
            .error(
                "Unknown output",
                "The stack has no output \"\(address.name)\".\(Suggestion.didYouMean(address.name, among: outputs.keys))",
                at: range))
    }

    private func checkDeclared(_ address: ResourceAddress, at range: SourceRange) throws(Diagnostics) {
        guard values.graph.declaration(at: address) == nil else { return }
        let names = values.graph.declarations.map(\.address.description)
        throw Diagnostics(
            .error(
                "Unknown resource",
                "No resource is named \"\(address)\".\(Suggestion.didYouMean(address.description, among: names))",
                at: range))
    }
}

/// The outputs of the runs of a test file that have ended. In a reference, `_` stands for all that a name of the language
/// cannot hold: `run.creates_two` is the run "creates two".
struct RunOutputs {
    private var outputs: [String: ValueMap] = [:]
    private let names: [String]

    /// - Parameter names: of all runs of the file.
    init(names: [String]) { self.names = names.map(Self.referable) }

    mutating func set(_ values: ValueMap, ofRun name: String) { outputs[Self.referable(name)] = values }

    private static func referable(_ name: String) -> String {
        String(name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
    }

    func value(ofRun name: String, at range: SourceRange) throws(Diagnostics) -> Value {
        if let values = outputs[name] { return .object(values) }
        let detail =
            names.contains(name)
            ? "The run \"\(name)\" has no outputs yet: it stands further down, has failed, or was left out."
            : "The file has no run \"\(name)\".\(Suggestion.didYouMean(name, among: names))"
        throw Diagnostics(.error("Unknown run", detail, at: range))
    }
}

/// What values of variables in a run can refer to: variables of the file, and the outputs of earlier runs.
struct RunVariableScope: EvaluationScope {
    let variables: [String: Value]
    let earlier: RunOutputs

    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        switch reference {
        case .variable(let name):
            if let value = variables[name] { return value }
            throw Diagnostics(
                .error(
                    "Unknown variable",
                    "The file gives no value to \"\(name)\" under `variables`."
                        + Suggestion.didYouMean(name, among: variables.keys), at: range))
        case .resource(let address) where address.type == "run" && address.mode == .managed:
            return try earlier.value(ofRun: address.name, at: range)
        default:
            throw Diagnostics(
                .error(
                    "Reference out of place",
                    "Values for variables are needed before the run: they can refer to variables of the file (`var.NAME`) and "
                        + "to outputs of earlier runs (`run.NAME.OUTPUT`) alone.", at: range))
        }
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range).element(key, at: range)
    }
}
