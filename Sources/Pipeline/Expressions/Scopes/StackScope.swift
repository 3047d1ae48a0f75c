public import PlumbModel

/// Says what a resource's values are at the moment: typed unknowns while resolving, planned values while planning,
/// real ones while applying.
public protocol ResourceLookup: AnyObject {
    /// - Parameters:
    ///   - resource: without a key.
    ///   - key: one instance; nil for all instances together (a list for `count`, an object for `for_each`).
    func value(of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange) throws(Diagnostics) -> Value
}

/// What all expressions of a stack can refer to: variables, locals (each evaluated once), facts and resources.
public final class StackScope {
    public let facts: StackFacts
    public let variables: [String: Value]
    public let files: (any SpecificationSource)?
    /// What functions of time may give.
    public let phase: Surroundings.Phase
    private let locals: [String: ValueExpression]
    private let resources: any ResourceLookup
    private var evaluatedLocals: [String: Result<Value, Diagnostics>] = [:]
    private var localsInProgress: Set<String> = []

    public init(
        facts: StackFacts, variables: [String: Value], locals: [String: ValueExpression],
        files: (any SpecificationSource)?, resources: any ResourceLookup, phase: Surroundings.Phase = .resolving
    ) {
        self.facts = facts
        self.variables = variables
        self.locals = locals
        self.files = files
        self.phase = phase
        self.resources = resources
    }

    /// The value of a local, evaluated at its first use.
    public func local(_ name: String, at range: SourceRange) throws(Diagnostics) -> Value {
        if let result = evaluatedLocals[name] { return try result.get() }
        guard locals[name] != nil else {
            throw Diagnostics(
                .error(
                    "Unknown local", "No local is named \"\(name)\".\(Suggestion.didYouMean(name, among: locals.keys))",
                    at: range))
        }
        guard !localsInProgress.contains(name) else {
            throw Diagnostics(.error("Cycle", "The local \"\(name)\" refers to itself.", at: range))
        }
        evaluate(local: name)
        guard let result = evaluatedLocals[name] else {
            preconditionFailure("the local \(name) has just been evaluated")
        }
        return try result.get()
    }

    /// Evaluates a local after all locals that it names, with a stack of its own: a chain of ten thousand locals must
    /// not be ten thousand calls deep.
    private func evaluate(local name: String) {
        var path = [(name: name, pending: localNames(in: name))]
        localsInProgress.insert(name)
        while let (current, pending) = path.last {
            if let next = pending.last {
                path[path.count - 1].pending.removeLast()
                guard evaluatedLocals[next] == nil, localsInProgress.insert(next).inserted else { continue }
                path.append((next, localNames(in: next)))
                continue
            }
            path.removeLast()
            if let expression = locals[current] {
                do throws(Diagnostics) {
                    evaluatedLocals[current] = .success(try Evaluator(scope: InstanceScope(self)).evaluate(expression))
                } catch {
                    evaluatedLocals[current] = .failure(error)
                }
            }
            localsInProgress.remove(current)
        }
    }

    private func localNames(in name: String) -> [String] {
        (locals[name]?.references ?? []).compactMap { found in
            if case .local(let other) = found.reference, locals[other] != nil { other } else { nil }
        }
    }

    func resource(_ address: ResourceAddress, key: InstanceKey?, at range: SourceRange) throws(Diagnostics) -> Value {
        try resources.value(of: address, key: key, at: range)
    }
}

/// The stack's scope with what one instance adds to it: `each`, `count` and `self`.
public struct InstanceScope: EvaluationScope {
    private let stack: StackScope
    private let key: InstanceKey?
    private let eachValue: Value?
    private let selfValue: Value?

    public init(
        _ stack: StackScope, key: InstanceKey? = nil, eachValue: Value? = nil, selfValue: Value? = nil
    ) {
        self.stack = stack
        self.key = key
        self.eachValue = eachValue
        self.selfValue = selfValue
    }

    public var files: (any SpecificationSource)? { stack.files }

    public var surroundings: Surroundings {
        Surroundings(phase: stack.phase, directory: stack.facts.directory, home: stack.facts.home)
    }

    /// The same scope, in which `self` is this value.
    public func seeing(_ selfValue: Value) -> InstanceScope {
        InstanceScope(stack, key: key, eachValue: eachValue, selfValue: selfValue)
    }

    public func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        switch reference {
        case .variable(let name):
            guard let value = stack.variables[name] else {
                throw unknown("variable", name, among: stack.variables.keys, at: range)
            }
            return value
        case .local(let name): return try stack.local(name, at: range)
        case .resource(let address): return try stack.resource(address, key: nil, at: range)
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
            if name == "stack" || name == "module" || name == "root" { return .string(stack.facts.path) }
            if name == "cwd" { return .string(stack.facts.directory ?? stack.facts.path) }
            throw unknown("path", name, among: ["stack", "module", "root", "cwd"], at: range)
        case .stack(let name):
            switch name {
            case "name": return .string(stack.facts.name)
            case "revision": return stack.facts.revision.map(Value.string) ?? .null
            case "branch": return stack.facts.branch.map(Value.string) ?? .null
            default: throw unknown("stack attribute", name, among: ["name", "revision", "branch"], at: range)
            }
        case .environment:
            throw misplaced("env", "environment variables can be read in `stack.yaml` alone", at: range)
        case .module(let name):
            throw Diagnostics(
                .error("Unknown module", "No module is named \"\(name)\": this stack has none.", at: range))
        case .bound(let name):
            preconditionFailure("the evaluator resolves bound names itself, but asked for \(name)")
        }
    }

    public func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try stack.resource(resource, key: key, at: range)
    }

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
