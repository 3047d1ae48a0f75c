public import PlumbModel

/// What one expression sees: the names of its module, and `each`, `count` and `self` where there are such.
public struct InstanceScope: EvaluationScope {
    private let scopes: ModuleScopes
    private let module: Int
    private let key: InstanceKey?
    private let eachValue: Value?
    private let selfValue: Value?

    /// - Parameter module: where the expression stands: an index into `ResourceGraph.modules`.
    public init(
        _ scopes: ModuleScopes, in module: Int, key: InstanceKey? = nil, eachValue: Value? = nil,
        selfValue: Value? = nil
    ) {
        self.scopes = scopes
        self.module = module
        self.key = key
        self.eachValue = eachValue
        self.selfValue = selfValue?.withoutFingerprints
    }

    public var files: (any SpecificationSource)? { scopes.files }
    public var allowance: Allowance? { scopes.facts.allowance }

    public var surroundings: Surroundings {
        Surroundings(phase: scopes.phase, directory: scopes.facts.directory, home: scopes.facts.home)
    }

    /// The same scope, in which `self` is this value.
    public func seeing(_ selfValue: Value) -> InstanceScope {
        InstanceScope(scopes, in: module, key: key, eachValue: eachValue, selfValue: selfValue)
    }

    public func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        switch reference {
        case .variable(let name):
            if let value = try scopes.value(of: ModuleName(.variable, name, in: module)) { return value }
            throw unknown("variable", name, among: content.variables.map(\.name), at: range)
        case .local(let name):
            if let value = try scopes.value(of: ModuleName(.local, name, in: module)) { return value }
            throw unknown("local", name, among: content.locals.keys, at: range)
        case .resource(let address): return try scopes.resource(address, key: nil, in: module, at: range)
        case .eachKey:
            if case .name? = key, let key { return key.value }
            throw misplaced("each.key", "the resource has no `for_each`", at: range)
        case .eachValue:
            if let eachValue { return eachValue }
            throw misplaced("each.value", "the resource has no `for_each`", at: range)
        case .countIndex:
            if case .index? = key, let key { return key.value }
            throw misplaced("count.index", "the resource has no `count`", at: range)
        case .selfResource:
            if let selfValue { return selfValue }
            throw misplaced("self", "it stands only in `ready`, `postconditions` and `preconditions`", at: range)
        case .path(let name):
            if name == "module" { return .string(content.folder) }
            if name == "stack" || name == "root" { return .string(scopes.facts.path) }
            if name == "cwd" { return .string(scopes.facts.directory ?? scopes.facts.path) }
            throw unknown("path", name, among: ["stack", "module", "root", "cwd"], at: range)
        case .stack(let name):
            switch name {
            case "name": return .string(scopes.facts.name)
            case "revision": return scopes.facts.revision.map(Value.string) ?? .null
            case "branch": return scopes.facts.branch.map(Value.string) ?? .null
            default: throw unknown("stack attribute", name, among: ["name", "revision", "branch"], at: range)
            }
        case .environment:
            throw misplaced("env", "environment variables can be read in `stack.yaml` alone", at: range)
        case .module(let name): return try scopes.outputs(ofCall: name, in: module, at: range)
        case .bound(let name):
            preconditionFailure("the evaluator resolves bound names itself, but asked for \(name)")
        }
    }

    public func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try scopes.resource(resource, key: key, in: module, at: range)
    }

    public func value(
        ofOutput output: String, module call: String, instance key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try scopes.output(output, ofCall: call, key: key, in: module, at: range)
    }

    private var content: ModuleContent { scopes.modules[module].content }

    private func unknown(
        _ kind: String, _ name: String, among candidates: some Sequence<String>, at range: SourceRange
    ) -> Diagnostics {
        Diagnostics(
            .error(
                "Unknown \(kind)", "No \(kind) is named \"\(name)\".\(Suggestion.didYouMean(name, among: candidates))",
                at: range))
    }

    private func misplaced(_ name: String, _ reason: String, at range: SourceRange) -> Diagnostics {
        Diagnostics(.error("Reference out of place", "\"\(name)\" cannot be used here: \(reason).", at: range))
    }
}
