internal import Expressions
internal import PlumbModel

/// Which expressions of a stack name which things, locals followed through to the resources behind them.
struct ReferenceIndex {
    private let specification: Specification
    private let variableNames: Set<String>
    private let locals: [String: ValueExpression]
    private let declarations: [ResolvedResource]
    private let outputs: [ResolvedOutput]
    private let indexByAddress: [ResourceAddress: Int]
    /// Declared at all: also where the type is unknown, which is reported once and not at every reference.
    private let written: Set<ResourceAddress>
    private let resourcesOfLocals: [String: [FoundReference]]

    init(
        specification: Specification, locals: [String: ValueExpression], declarations: [ResolvedResource],
        outputs: [ResolvedOutput]
    ) {
        self.specification = specification
        variableNames = Set(specification.variables.map(\.name))
        self.locals = locals
        self.declarations = declarations
        self.outputs = outputs
        indexByAddress = Dictionary(
            declarations.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
        written = Set(specification.resources.map(\.address))
        resourcesOfLocals = ReferenceIndex.follow(locals)
    }

    func declaration(at address: ResourceAddress) -> Int? { indexByAddress[address] }

    /// The references to resources that stand in an expression itself.
    func direct(_ expression: ValueExpression) -> [FoundReference] {
        expression.references.filter { if case .resource = $0.reference { true } else { false } }
    }

    /// The references to resources that stand in the locals that an expression names.
    func throughLocals(_ expression: ValueExpression) -> [FoundReference] {
        expression.references.flatMap { (found) -> [FoundReference] in
            if case .local(let name) = found.reference { resourcesOfLocals[name] ?? [] } else { [] }
        }
    }

    func namesResources(_ expression: ValueExpression) -> Bool {
        !direct(expression).isEmpty || !throughLocals(expression).isEmpty
    }

    // MARK: - Following locals

    /// For each local one reference to each resource behind it. Each local is visited once; a circle, which is reported
    /// elsewhere, is cut where it closes.
    private static func follow(_ locals: [String: ValueExpression]) -> [String: [FoundReference]] {
        struct Frame {
            let name: String
            let inner: [String]
            var next = 0
        }
        var result: [String: [FoundReference]] = [:]
        var own: [String: [FoundReference]] = [:]
        func frame(_ name: String) -> Frame {
            var inner: [String] = []
            var resources: [FoundReference] = []
            for found in locals[name]?.references ?? [] {
                switch found.reference {
                case .resource: resources.append(found)
                case .local(let other): inner.append(other)
                default: break
                }
            }
            own[name] = resources
            return Frame(name: name, inner: inner)
        }
        for name in locals.keys where own[name] == nil {
            var path = [frame(name)]
            while let top = path.last {
                if top.next < top.inner.count {
                    path[path.count - 1].next += 1
                    let next = top.inner[top.next]
                    if locals[next] != nil, own[next] == nil { path.append(frame(next)) }
                    continue
                }
                path.removeLast()
                var seen: Set<Reference> = []
                let all = (own[top.name] ?? []) + top.inner.flatMap { result[$0] ?? [] }
                result[top.name] = all.filter { seen.insert($0.reference).inserted }
            }
        }
        return result
    }

    // MARK: - Checking

    /// Reports names that nothing has, and names that cannot stand where they stand.
    func check(_ diagnostics: inout Diagnostics) {
        for local in specification.locals {
            guard let expression = locals[local.name] else { continue }
            check(expression, place: .local, &diagnostics)
        }
        checkLocalCycles(&diagnostics)
        for output in outputs { check(output.value, place: .output, &diagnostics) }
        for declaration in declarations {
            let meta = declaration.meta
            let place = Place.instance(
                hasForEach: meta.forEach != nil, hasCount: meta.count != nil, address: declaration.address)
            check(declaration.spec, place: place, &diagnostics)
            for expression in meta.instanceExpressions { check(expression, place: place, &diagnostics) }
            for expression in meta.selfExpressions { check(expression, place: place, allowsSelf: true, &diagnostics) }
            for expression in [meta.forEach, meta.count, meta.enabled].compactMap(\.self) {
                check(expression, place: .expansion(declaration.address), &diagnostics)
            }
            for address in meta.dependsOn where !written.contains(address) {
                var problem = unknownResource(address, declaration.range)
                problem.detail = "`depends_on` of \(declaration.address): \(problem.detail)"
                diagnostics.append(problem)
            }
        }
    }

    private enum Place {
        case local
        case output
        case expansion(ResourceAddress)
        case instance(hasForEach: Bool, hasCount: Bool, address: ResourceAddress)
    }

    private func check(
        _ expression: ValueExpression, place: Place, allowsSelf: Bool = false, _ diagnostics: inout Diagnostics
    ) {
        for found in expression.references {
            if let problem = problem(found, place, allowsSelf) { diagnostics.append(problem) }
        }
    }

    private func problem(_ found: FoundReference, _ place: Place, _ allowsSelf: Bool) -> Diagnostic? {
        switch found.reference {
        case .variable(let name) where !variableNames.contains(name):
            return unknown("variable", name, among: variableNames, found.range)
        case .local(let name) where locals[name] == nil:
            return unknown("local", name, among: locals.keys, found.range)
        case .resource(let address) where !written.contains(address): return unknownResource(address, found.range)
        case .module(let name):
            return .error(
                "Unknown module", "No module is named \"\(name)\": this version has no modules yet.", at: found.range)
        case .environment:
            return misplaced(
                "Environment variables can be read in `stack.yaml` alone; pass them in as variables.", found)
        case .selfResource where !allowsSelf:
            return misplaced(
                "`self` stands for the resource itself and can be used in `ready`, `preconditions` and `postconditions` "
                    + "alone.", found)
        case .eachKey, .eachValue:
            if case .instance(true, _, _) = place { return nil }
            return misplaced(
                "`each` is known only in a resource that has `for_each`\(suffix(place)).", found)
        case .countIndex:
            if case .instance(_, true, _) = place { return nil }
            return misplaced("`count.index` is known only in a resource that has `count`\(suffix(place)).", found)
        default: return nil
        }
    }

    private func suffix(_ place: Place) -> String {
        switch place {
        case .local: ", not in `locals`"
        case .output: ", not in `outputs`"
        case .expansion: ", and not in `for_each`, `count` or `enabled` themselves"
        case .instance(_, _, let address): "; \(address) has none"
        }
    }

    private func misplaced(_ detail: String, _ found: FoundReference) -> Diagnostic {
        .error("Reference out of place", detail, at: found.range)
    }

    private func unknown(
        _ kind: String, _ name: String, among names: some Sequence<String>, _ range: SourceRange
    ) -> Diagnostic {
        .error(
            "Unknown \(kind)",
            "No \(kind) is named \"\(name)\".\(Suggestion.didYouMean(name, among: names))", at: range)
    }

    private func unknownResource(_ address: ResourceAddress, _ range: SourceRange) -> Diagnostic {
        let hint = Suggestion.didYouMean(address.description, among: written.map(\.description))
        return .error("Unknown resource", "No resource is named \"\(address)\".\(hint)", at: range)
    }

    private func checkLocalCycles(_ diagnostics: inout Diagnostics) {
        var done: Set<String> = []
        for local in specification.locals {
            if let cycle = localCycle(from: local.name, &done) {
                let ranges = Dictionary(
                    specification.locals.map { ($0.name, $0.nameRange) }, uniquingKeysWith: { first, _ in first })
                diagnostics.append(
                    .error(
                        "Cycle",
                        "These locals refer to each other in a circle: \((cycle + [cycle[0]]).joined(separator: " -> ")). "
                            + "Break it at one of them.", at: ranges[cycle[0]],
                        notes: cycle.dropFirst().map { .init("\"\($0)\" is declared here.", at: ranges[$0]) }))
                return
            }
        }
    }

    /// Follows references with a stack of its own: chains of locals can be long.
    private func localCycle(from name: String, _ done: inout Set<String>) -> [String]? {
        guard !done.contains(name) else { return nil }
        var path = [(name: name, pending: localNames(in: name))]
        var positions = [name: 0]
        while let (current, pending) = path.last {
            guard let next = pending.last else {
                path.removeLast()
                positions[current] = nil
                done.insert(current)
                continue
            }
            path[path.count - 1].pending.removeLast()
            if let start = positions[next] { return path[start...].map(\.name) }
            guard !done.contains(next) else { continue }
            positions[next] = path.count
            path.append((next, localNames(in: next)))
        }
        return nil
    }

    /// Last one first.
    private func localNames(in name: String) -> [String] {
        (locals[name]?.references ?? []).reversed().compactMap { found in
            if case .local(let other) = found.reference, locals[other] != nil { other } else { nil }
        }
    }
}

extension ResolvedResource.Meta {
    /// Every expression beside `spec`.
    var allExpressions: [ValueExpression] {
        instanceExpressions + selfExpressions + [forEach, count, enabled].compactMap(\.self)
    }

    /// The expressions that see `each` and `count`, but not `self`.
    var instanceExpressions: [ValueExpression] {
        var ignored: ValueExpression?
        if case .expression(let expression)? = ignoreChanges { ignored = expression }
        return [createBeforeDestroy, preventDestroy, retain, ignored].compactMap(\.self) + replaceTriggeredBy
    }

    /// What must be true or false of the resource itself.
    var conditionExpressions: [ValueExpression] {
        (preconditions + postconditions).map(\.condition) + (readyWhen.map { [$0] } ?? [])
    }

    /// The expressions that also see `self`.
    var selfExpressions: [ValueExpression] {
        (preconditions + postconditions).flatMap { [$0.condition, $0.message] } + (readyWhen.map { [$0] } ?? [])
    }
}
