internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Expands declarations into instances, checks each instance's values against its schema, and finds what it waits for.
struct GraphBuilder {
    private(set) var declarations: [ResolvedResource]
    private(set) var nodes: [ResourceNode] = []
    private(set) var diagnostics = Diagnostics()
    private var reported: Set<Place> = []
    private var waitedForByModule: [Int: Set<Int>] = [:]
    private let references: ReferenceIndex
    private let scopes: ModuleScopes
    private let catalogue: ProviderCatalogue
    /// False where variables may have no values: what depends on these is expanded no more than what depends on resources.
    private let knowsVariables: Bool
    /// What instances of providers wait for, by their names without keys.
    private let awaitedByProviders: [String: Set<Int>]
    private let lookup: StaticLookup
    private let ordersImplicitly: Set<String>
    /// By provider instances that know an order of their own: the nodes with their declared values.
    private var ordered: [String: [(node: Int, value: Value)]] = [:]
    /// By declaration and name: what rendered instances say of their order.
    private var phases: [Int: [String: Int]] = [:]

    init(
        declarations: [ResolvedResource], references: ReferenceIndex, scopes: ModuleScopes, lookup: StaticLookup,
        catalogue: ProviderCatalogue, lateProviders: [ResolvedProvider], knowsVariables: Bool
    ) {
        self.knowsVariables = knowsVariables
        self.catalogue = catalogue
        ordersImplicitly = Set(catalogue.entries.filter { $0.instance is any ImplicitOrdering }.map(\.name))
        var awaited: [String: Set<Int>] = [:]
        for provider in lateProviders {
            let name = provider.name.prefix { $0 != "[" }
            awaited[String(name), default: []].formUnion(provider.dependencies)
            awaited[provider.name, default: []].formUnion(provider.dependencies)
        }
        awaitedByProviders = awaited
        self.declarations = declarations
        self.references = references
        self.scopes = scopes
        self.lookup = lookup
    }

    mutating func build() {
        let expansions = declarations.indices.map { expand($0) }
        var next = 0
        for (index, expansion) in expansions.enumerated() {
            guard let expansion else {
                declarations[index].expansion = .deferred
                continue
            }
            let count = place(expansion, declaration: index, from: next)
            next += count
        }
        for index in declarations.indices { connect(index) }
        lookup.declarations = declarations
        for (index, expansion) in expansions.enumerated() {
            if let expansion { addNodes(expansion, declaration: index) } else { checkDeferred(index) }
        }
        orderImplicitly()
        for (index, phases) in phases.sorted(by: { $0.key < $1.key }) {
            let instances = declarations[index].instances
            let known = instances.compactMap { node -> (Int, Int)? in
                guard case .name(let name)? = nodes[node].key else { return nil }
                return phases[name].map { (node, $0) }
            }
            RenderingExpander.order(
                instances, phases: Dictionary(known, uniquingKeysWith: { first, _ in first }), &nodes)
        }
    }

    /// What the specs need not say: a namespace is there before what is in it.
    private mutating func orderImplicitly() {
        for (provider, members) in ordered.sorted(by: { $0.key < $1.key }) {
            guard let instance = implicitOrdering(provider) else { continue }
            for pair in instance.duplicates(among: members.map(\.value)) {
                reportDuplicate(of: members[pair.first].node, members[pair.second].node)
            }
            var added: [Int: [Int]] = [:]
            for pair in instance.precedence(among: members.map(\.value)) where pair.dependent != pair.dependency {
                added[members[pair.dependent].node, default: []].append(members[pair.dependency].node)
            }
            for (index, dependencies) in added {
                let node = nodes[index]
                nodes[index] = ResourceNode(
                    declaration: node.declaration, key: node.key, eachValue: node.eachValue, provider: node.provider,
                    dependencies: Set(node.dependencies + dependencies).sorted())
            }
        }
    }

    private mutating func reportDuplicate(of first: Int, _ second: Int) {
        func place(_ index: Int) -> (address: ResourceAddress, range: SourceRange) {
            let declaration = declarations[nodes[index].declaration]
            return (declaration.address.instance(nodes[index].key), declaration.range(of: nodes[index].key))
        }
        let (one, other) = (place(first), place(second))
        diagnostics.append(
            .error(
                "Declared twice",
                "\(other.address) is the same object as \(one.address), so that each would undo what the other does. Remove "
                    + "one of them.", address: other.address, at: other.range,
                notes: [.init("It is declared here first", at: one.range)]))
    }

    private func implicitOrdering(_ provider: String) -> (any ImplicitOrdering)? {
        catalogue.entries.first { $0.name == provider }?.instance as? any ImplicitOrdering
    }

    // MARK: - Expanding

    /// Nil where it depends on resources and has to wait for planning.
    private mutating func expand(_ index: Int) -> InstanceExpansion? {
        let declaration = declarations[index]
        let meta = declaration.meta
        if let tool = meta.rendering { return expand(index, renderedBy: tool) }
        let deciding = [meta.enabled, meta.count, meta.forEach].compactMap(\.self)
        if deciding.contains(where: { references.namesResources($0, in: declaration.module) }) { return nil }
        let expander = InstanceExpander(scope: InstanceScope(scopes, in: declaration.module))
        if !knowsVariables, !expander.isKnown(meta) { return nil }
        let expanded = diagnostics.collect { () throws(Diagnostics) in
            try expander.expand(meta, of: declaration.address)
        }
        return expanded ?? .disabled
    }

    private mutating func expand(_ index: Int, renderedBy tool: String) -> InstanceExpansion? {
        let declaration = declarations[index]
        let meta = declaration.meta
        let deciding = [meta.enabled, meta.forEach].compactMap(\.self)
        if let late = deciding.first(where: { references.namesResources($0, in: declaration.module) }) {
            diagnostics.append(
                .error(
                    "Not known at plan time",
                    "`\(tool)` makes the manifests before anything is planned, so that its settings can come from variables "
                        + "and locals, but not from resources. Give the value as a variable, or declare the objects "
                        + "that need it as `kubernetes_object`.", address: declaration.address, at: late.range))
            return .disabled
        }
        let scope = InstanceScope(scopes, in: declaration.module)
        var enabling = ResolvedResource.Meta()
        enabling.enabled = meta.enabled
        let expander = InstanceExpander(scope: scope)
        if !knowsVariables, !expander.isKnown(enabling) { return nil }
        let isEnabled = diagnostics.collect { () throws(Diagnostics) in
            try expander.expand(enabling, of: declaration.address)
        }
        guard case .single? = isEnabled else { return .disabled }
        var problems = Diagnostics()
        let expanded = problems.collect { () throws(Diagnostics) in
            try RenderingExpander(scopes: scopes, catalogue: catalogue).expand(declaration, tool: tool, scope: scope)
        }
        report(problems)
        guard let expanded else { return .disabled }
        guard let expanded else {
            if !knowsVariables { return nil }
            diagnostics.append(
                .error(
                    "Not known at plan time",
                    "`\(tool)` makes the manifests before anything is planned; its settings hold a value that is not known "
                        + "until then.", address: declaration.address, at: declaration.range))
            return .disabled
        }
        diagnostics.append(expanded.warnings)
        phases[index] = expanded.phases
        return .named(expanded.names)
    }

    private mutating func place(_ expansion: InstanceExpansion, declaration index: Int, from start: Int) -> Int {
        let count: Int
        switch expansion {
        case .disabled:
            declarations[index].expansion = .disabled
            count = 0
        case .single:
            declarations[index].expansion = .single
            count = 1
        case .counted(let number):
            declarations[index].expansion = .counted
            count = number
        case .named(let names):
            let offsets = Dictionary(
                names.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
            declarations[index].expansion = .named(offsets)
            count = names.count
        }
        declarations[index].instances = start..<start + count
        return count
    }

    // MARK: - Instances

    private mutating func addNodes(_ expansion: InstanceExpansion, declaration index: Int) {
        switch expansion {
        case .disabled: break
        case .single: addNode(index, key: nil, eachValue: nil)
        case .counted(let count):
            for number in 0..<count { addNode(index, key: .index(number), eachValue: nil) }
        case .named(let names):
            for (name, value) in names { addNode(index, key: .name(name), eachValue: value) }
        }
    }

    private mutating func addNode(_ index: Int, key: InstanceKey?, eachValue: Value?) {
        let declaration = declarations[index]
        _ = lookup.takeRequests()
        let scope = InstanceScope(scopes, in: declaration.module, key: key, eachValue: eachValue)
        let value = check(declaration, scope, key)
        var problems = Diagnostics()
        let provider = problems.collect { () throws(Diagnostics) in
            try ProviderChoice(catalogue.hasInstance).provider(of: declaration, scope)
        }
        report(problems)
        var dependencies: [Int] = []
        for request in lookup.takeRequests() {
            guard let target = references.declaration(at: request.resource) else { continue }
            if let key = request.key, let node = declarations[target].node(askedFor: key) { dependencies.append(node) }
        }
        let owner = provider ?? declaration.provider
        if let value, declaration.address.mode == .managed, ordersImplicitly.contains(owner) {
            ordered[owner, default: []].append((nodes.count, value))
        }
        nodes.append(
            ResourceNode(
                declaration: index, key: key, eachValue: eachValue, provider: owner, dependencies: dependencies.sorted()
            ))
    }

    /// What is wrong with one instance is mostly wrong with all: each place is told once.
    private mutating func report(_ problems: Diagnostics) {
        for problem in problems.all {
            guard let source = problem.source else {
                diagnostics.append(problem)
                continue
            }
            let place = Place(
                summary: problem.summary, file: source.file.path, start: source.start, detail: problem.detail)
            if reported.insert(place).inserted { diagnostics.append(problem) }
        }
    }

    private struct Place: Hashable {
        let summary: String
        let file: String
        let start: Int
        let detail: String
    }

    /// - Returns: the declared values; nil where they are wrong.
    @discardableResult
    private mutating func check(
        _ declaration: ResolvedResource, _ scope: InstanceScope, _ key: InstanceKey?
    ) -> Value? {
        var declared: Value?
        let address = declaration.address.instance(key)
        var problems = Diagnostics()
        problems.collect { () throws(Diagnostics) in
            let value = try Evaluator(scope: scope).evaluate(declaration.spec)
            declared = try SchemaConformer(
                schema: declaration.schema, node: declaration.specNode, address: address,
                range: declaration.range(of: key)
            ).conform(value)
        }
        if problems.isEmpty {
            for expression in declaration.meta.instanceExpressions {
                problems.collect { () throws(Diagnostics) in try Evaluator(scope: scope).evaluate(expression) }
            }
            let selfScope = scope.seeing(declaration.schema.unknownObject)
            for condition in declaration.meta.conditionExpressions {
                problems.collect { () throws(Diagnostics) in try checkCondition(condition, selfScope, address) }
            }
        }
        if !problems.isEmpty { report(problems) }
        return declared
    }

    /// A condition on what is not known yet has a type all the same.
    private func checkCondition(
        _ condition: ValueExpression, _ scope: InstanceScope, _ address: ResourceAddress
    ) throws(Diagnostics) {
        let value = try Evaluator(scope: scope).evaluate(condition)
        guard (try? value.converted(to: .bool)) == nil else { return }
        throw Diagnostics(
            .error(
                "Wrong type", "A condition must be true or false, but this is \(value.type.phrase).", address: address,
                at: condition.range))
    }

    private mutating func checkDeferred(_ index: Int) {
        let declaration = declarations[index]
        let key: InstanceKey? =
            declaration.meta.count != nil ? .index(0) : declaration.meta.forEach != nil ? .name("") : nil
        check(declaration, InstanceScope(scopes, in: declaration.module, key: key, eachValue: .unknown()), nil)
        _ = lookup.takeRequests()
    }

    // MARK: - Dependencies

    /// Finds what all instances of a declaration wait for. What is asked for by key is found instance by instance, while
    /// they are checked; of what is expanded later, all counts.
    private mutating func connect(_ index: Int) {
        let declaration = declarations[index]
        let module = declaration.module
        var targets: Set<Int> = []
        for expression in [declaration.spec] + declaration.meta.instanceExpressions {
            targets.formUnion(references.declarations(behindNamesIn: expression, in: module))
            for found in references.direct(expression) {
                guard let target = references.declaration(found, in: module) else { continue }
                let expandsLater = declaration.isDeferred || declarations[target].isDeferred
                if !found.isIndexed || expandsLater { targets.insert(target) }
            }
        }
        for expression in declaration.meta.wholeExpressions {
            targets.formUnion(references.declarations(namedIn: expression, in: module))
        }
        var awaited = targetsOfModules(module)
        for target in declaration.meta.dependsOn { awaited.formUnion(all(target, in: module)) }
        declarations[index].awaited = awaited.sorted()
        targets.formUnion(awaitedByProviders[declaration.provider] ?? [])
        declarations[index].dependencies = targets.union(awaited).sorted()
    }

    /// What the calls that lead to a module make all its resources wait for.
    private mutating func targetsOfModules(_ module: Int) -> Set<Int> {
        if let known = waitedForByModule[module] { return known }
        guard let caller = scopes.modules[module].caller, let name = scopes.modules[module].path.last?.name,
            let call = scopes.modules[caller].content.call(name)
        else { return [] }
        var targets = targetsOfModules(caller)
        for target in call.dependsOn { targets.formUnion(all(target, in: caller)) }
        waitedForByModule[module] = targets
        return targets
    }

    /// The declarations that `depends_on` means.
    private func all(_ target: DependencyTarget, in module: Int) -> [Int] {
        switch target {
        case .resource(let address):
            return references.declaration(at: address.inside(scopes.modules[module].path)).map { [$0] } ?? []
        case .module(let step):
            guard let children = scopes.modules[module].children[step.name] else { return [] }
            let meant = step.key == nil ? children.instances.map(\.module) : children[step.key].map { [$0] } ?? []
            return meant.flatMap(declarationsBelow)
        }
    }

    private func declarationsBelow(_ module: Int) -> [Int] {
        let instance = scopes.modules[module]
        let own = instance.content.resources.compactMap { references.declaration(at: $0.address.inside(instance.path)) }
        return own + instance.children.values.flatMap(\.instances).flatMap { declarationsBelow($0.module) }
    }
}

extension ResolvedResource {
    fileprivate var isDeferred: Bool { if case .deferred = expansion { true } else { false } }
}
