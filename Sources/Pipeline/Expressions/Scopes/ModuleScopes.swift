public import PlumbModel

/// Says what a resource's values are at the moment: typed unknowns while resolving, planned values while planning,
/// real ones while applying.
public protocol ResourceLookup: AnyObject {
    /// - Parameters:
    ///   - resource: as seen from the stack, without a key.
    ///   - key: one instance; nil for all instances together (a list for `count`, an object for `for_each`).
    func value(of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange) throws(Diagnostics) -> Value
}

/// What all expressions of a stack and of its modules can refer to: facts, resources, and named values, each evaluated
/// once.
///
/// A name's value is remembered, so it must not be asked for before the resources behind it have theirs.
public final class ModuleScopes {
    /// What is known of the stack: what is not, is unknown.
    public enum Knowledge: Sendable {
        case everything
        /// Variables and locals, but not what modules give out.
        case names
        case nothing
    }

    /// More instances of modules than this are refused.
    static let maximumCount = 100_000

    public let facts: StackFacts
    public let files: (any SpecificationSource)?
    /// The stack itself first; a call's instances are added when they are first asked for.
    public private(set) var modules: [ModuleInstance]
    private let variables: [String: Value]
    private let resources: any ResourceLookup
    private let knowledge: Knowledge
    /// What functions of time may give.
    public let phase: Surroundings.Phase
    private let knowsVariables: Bool
    private var results: [ModuleName: Result<Value, Diagnostics>] = [:]
    private var expanding: [(module: Int, call: String)] = []

    /// - Parameters:
    ///   - variables: the stack's own, by name.
    ///   - modules: the stack alone, or with all instances of its modules.
    ///   - knowsVariables: false where variables may have no values, so that it may be open which instances there are.
    ///   - phase: what functions of time may give.
    ///   - knowledge: less than everything while the specs are not resolved.
    public init(
        facts: StackFacts, variables: [String: Value], modules: [ModuleInstance],
        files: (any SpecificationSource)?, resources: any ResourceLookup, phase: Surroundings.Phase = .resolving,
        knowsVariables: Bool = true,
        knowledge: Knowledge = .everything
    ) {
        self.knowsVariables = knowsVariables
        self.knowledge = knowledge
        self.phase = phase
        self.facts = facts
        self.variables = variables
        self.modules = modules
        self.files = files
        self.resources = resources
    }

    /// For a graph whose resources have the values that `resources` says.
    public convenience init(
        _ graph: ResourceGraph, files: (any SpecificationSource)?, resources: any ResourceLookup,
        phase: Surroundings.Phase
    ) {
        self.init(
            facts: graph.stack, variables: graph.variables, modules: graph.modules, files: files, resources: resources,
            phase: phase)
    }

    /// What the stack itself sees, in its outputs for instance.
    public var stack: InstanceScope { InstanceScope(self, in: 0) }

    /// The same, with a resource that nothing else sees. Names are evaluated anew.
    func seeing(_ value: Value, of resource: ResourceAddress) -> ModuleScopes {
        ModuleScopes(
            facts: facts, variables: variables, modules: modules, files: files,
            resources: AddedLookup(resource, value, to: resources), phase: phase, knowsVariables: knowsVariables,
            knowledge: knowledge)
    }

    func resource(
        _ address: ResourceAddress, key: InstanceKey?, in module: Int, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try resources.value(of: address.inside(modules[module].path), key: key, at: range)
    }

    // MARK: - Names

    /// The value of a name, evaluated at its first use; nil where nobody declares it.
    public func value(of name: ModuleName) throws(Diagnostics) -> Value? {
        if knowledge == .nothing { return .unknown() }
        if name.kind == .variable, modules[name.module].caller == nil { return variables[name.name] }
        if let result = results[name] { return try result.get() }
        evaluate(name)
        return try results[name]?.get()
    }

    /// Evaluates a name after all that it names in turn, with a stack of its own: a chain of ten thousand locals must
    /// not be ten thousand calls deep.
    private func evaluate(_ first: ModuleName) {
        var path = [(name: first, pending: names(behind: first))]
        var positions = [first: 0]
        while let (current, pending) = path.last {
            if let next = pending.last {
                path[path.count - 1].pending.removeLast()
                if results[next] != nil { continue }
                if let start = positions[next] {
                    results[current] = .failure(cycle(path[start...].map(\.name)))
                    continue
                }
                positions[next] = path.count
                path.append((next, names(behind: next)))
                continue
            }
            path.removeLast()
            positions[current] = nil
            guard results[current] == nil else { continue }
            do throws(Diagnostics) {
                results[current] = try evaluateAlone(current).map { .success($0) }
            } catch {
                results[current] = .failure(error)
            }
        }
    }

    private func names(behind name: ModuleName) -> [ModuleName] {
        guard let definition = modules.definition(of: name) else { return [] }
        return definition.expression.references.flatMap { found in
            if knowledge == .everything, case .module(let call) = found.reference {
                // What is wrong with the call comes up again when the expression itself is evaluated.
                _ = try? children(of: definition.module, call: call, at: found.range)
            }
            return modules.names(found, in: definition.module)
        }
    }

    private func evaluateAlone(_ name: ModuleName) throws(Diagnostics) -> Value? {
        let definition = modules.definition(of: name)
        let value = try definition.map { (placed) throws(Diagnostics) in
            let scope = InstanceScope(self, in: placed.module, key: placed.key, eachValue: placed.eachValue)
            return try Evaluator(scope: scope).evaluate(placed.expression)
        }
        let content = modules[name.module].content
        switch name.kind {
        case .local: return value
        case .output: return value?.sensitive(content.output(name.name)?.isSensitive ?? false)
        case .variable:
            guard let declaration = content.variable(name.name) else { return nil }
            return try moduleInput(declaration, value, definition?.expression.range)
        }
    }

    private func moduleInput(
        _ declaration: VariableDeclaration, _ given: Value?, _ range: SourceRange?
    ) throws(Diagnostics) -> Value {
        let conformer = VariableConformer(declaration)
        if let given { return try conformer.conform(given, from: nil, at: range) }
        // Without either, the call has been refused.
        return try conformer.defaultValue() ?? .unknown(declaration.type)
    }

    private func cycle(_ members: [ModuleName]) -> Diagnostics {
        let ranges = members.map { modules.definition(of: $0)?.expression.range }
        let names = (members + members.prefix(1)).map { modules.text($0) }.joined(separator: " -> ")
        return Diagnostics(
            .error(
                "Cycle", "These values refer to each other in a circle: \(names). Break it at one of them.",
                at: ranges.first ?? nil,
                notes: zip(members, ranges).dropFirst().map { .init("\(modules.text($0)) stands here.", at: $1) }))
    }

    // MARK: - Modules

    /// The instances of a module that is called in another one.
    public func children(
        of module: Int, call name: String, at range: SourceRange
    ) throws(Diagnostics) -> ModuleChildren {
        if let known = modules[module].children[name] { return known }
        let content = modules[module].content
        guard let call = content.call(name) else {
            let hint = Suggestion.didYouMean(name, among: content.calls.map(\.name))
            throw Diagnostics(.error("Unknown module", "No module is named \"\(name)\".\(hint)", at: range))
        }
        if expanding.contains(where: { $0 == (module, name) }) {
            throw Diagnostics(
                .error(
                    "Cycle", "Which instances the module \"\(name)\" has depends on what the module itself gives out.",
                    at: call.range))
        }
        expanding.append((module, name))
        defer { expanding.removeLast() }
        let expander = InstanceExpander(scope: InstanceScope(self, in: module))
        let isOpen = !knowsVariables && !expander.isKnown(call.meta)
        let expansion = isOpen ? call.meta.example : try expander.expand(call.meta, of: nil)
        var children = try add(expansion, of: call, to: module)
        if isOpen { children = ModuleChildren(.unknown, children.instances) }
        modules[module].children[name] = children
        return children
    }

    private func add(
        _ expansion: InstanceExpansion, of call: ModuleCall, to module: Int
    ) throws(Diagnostics) -> ModuleChildren {
        let path = modules[module].path
        var instances: [(key: InstanceKey?, module: Int)] = []
        func add(_ key: InstanceKey?, _ eachValue: Value?) {
            instances.append((key, modules.count))
            modules.append(
                ModuleInstance(
                    path: path + [.init(call.name, key: key)], content: call.content, caller: module,
                    eachValue: eachValue))
        }
        guard modules.count + expansion.count <= Self.maximumCount else {
            throw Diagnostics(
                .error(
                    "Too many module instances",
                    "The stack would have more than \(Self.maximumCount) instances of modules.", at: call.range))
        }
        // What an instance declares takes room as often as there are instances.
        try facts.allowance?.spend(expansion.count * call.content.resources.count, .instances, at: call.range)
        switch expansion {
        case .disabled: return ModuleChildren(.disabled, [])
        case .single:
            add(nil, nil)
            return ModuleChildren(.single, instances)
        case .counted(let count):
            for index in 0..<count { add(.index(index), nil) }
            return ModuleChildren(.counted, instances)
        case .named(let names):
            for (name, value) in names { add(.name(name), value) }
            return ModuleChildren(.named, instances)
        }
    }

    // MARK: - Outputs of modules

    func output(
        _ name: String, ofCall call: String, key: InstanceKey?, in module: Int, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        guard knowledge == .everything else { return .unknown() }
        let children = try children(of: module, call: call, at: range)
        if children.shape == .unknown { return .unknown() }
        // Of a call without `for_each` and `count`, `module.a["b"]` is the output `b`.
        if children.shape == .single, let key {
            let whole = try output(key.value.asString ?? "", ofCall: call, key: nil, in: module, at: range)
            guard let part = whole[key: name] else {
                throw Diagnostics(
                    .error(
                        "Unsupported attribute", "module.\(call)\(key) has no attribute \"\(name)\".", at: range))
            }
            return part
        }
        guard let child = children[key] else { throw noInstance(call, key, children, name, at: range) }
        let content = modules[child].content
        guard content.output(name) != nil else {
            let hint = Suggestion.didYouMean(name, among: content.outputs.map(\.name))
            throw Diagnostics(
                .error("Unknown output", "The module \"\(call)\" has no output \"\(name)\".\(hint)", at: range))
        }
        guard let value = try value(of: ModuleName(.output, name, in: child)) else {
            preconditionFailure("the output \(name) of \(call) has just been found")
        }
        return value
    }

    /// All outputs of all instances of a module.
    func outputs(ofCall call: String, in module: Int, at range: SourceRange) throws(Diagnostics) -> Value {
        guard knowledge == .everything else { return .unknown() }
        let children = try children(of: module, call: call, at: range)
        var values: [(key: InstanceKey?, value: Value)] = []
        for (key, child) in children.instances {
            var outputs: [(String, Value)] = []
            for output in modules[child].content.outputs {
                let value = try value(of: ModuleName(.output, output.name, in: child))
                outputs.append((output.name, value ?? .null))
            }
            values.append((key, .object(ValueMap(outputs))))
        }
        return switch children.shape {
        case .unknown: .unknown()
        case .disabled: .null
        case .single: values.first?.value ?? .null
        case .counted: .tuple(values.map(\.value))
        case .named: .object(ValueMap(values.map { ($0.key?.value.asString ?? "", $0.value) }))
        }
    }

    private func noInstance(
        _ call: String, _ key: InstanceKey?, _ children: ModuleChildren, _ output: String, at range: SourceRange
    ) -> Diagnostics {
        let sentence: String
        switch children.shape {
        case .unknown: sentence = "Its instances are not known."
        case .disabled: sentence = "It is disabled."
        case .single: sentence = "It has neither `for_each` nor `count`: write module.\(call).\(output)."
        case .counted, .named:
            let keys = children.instances.prefix(5).compactMap { $0.key?.description }.joined(separator: ", ")
            let more = children.instances.count > 5 ? ", …" : ""
            sentence = keys.isEmpty ? "It has no instances." : "Its instances are \(keys)\(more)."
        }
        let what =
            key.map { "module.\(call)\($0) does not exist" }
            ?? "module.\(call) is not one instance, so it has no outputs of its own"
        return Diagnostics(.error("Unknown instance", "\(what). \(sentence)", at: range))
    }
}

extension ResolvedResource.Meta {
    /// One instance that stands for all of which it is not known how many there are.
    fileprivate var example: InstanceExpansion {
        forEach != nil ? .named([("", .unknown())]) : count != nil ? .counted(1) : .single
    }
}
