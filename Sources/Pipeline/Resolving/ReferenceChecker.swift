internal import Expressions
internal import PlumbModel

/// Reports names that nothing has, and names that cannot stand where they stand, in the stack or in a module.
struct ReferenceChecker {
    private let specification: Specification
    private let content: ModuleContent
    private let variableNames: Set<String>
    /// Declared at all: also where the type is unknown, which is reported once and not at every reference.
    private let written: Set<ResourceAddress>
    private let callNames: Set<String>

    /// The stack's variables are not those of its modules.
    private let isModule: Bool

    init(specification: Specification, content: ModuleContent, isModule: Bool) {
        self.isModule = isModule
        self.specification = specification
        self.content = content
        variableNames = Set(specification.variables.map(\.name))
        written = Set(specification.resources.map(\.address))
        callNames = Set(specification.modules.map(\.name))
    }

    func check(_ diagnostics: inout Diagnostics) {
        for local in specification.locals {
            guard let expression = content.locals[local.name] else { continue }
            check(expression, place: .local, &diagnostics)
        }
        checkLocalCycles(&diagnostics)
        for output in content.outputs { check(output, &diagnostics) }
        for call in content.calls { check(call, &diagnostics) }
        check(content.checks, content.validations, &diagnostics)
        for declaration in content.resources {
            let meta = declaration.meta
            let place = Place.instance(
                hasForEach: meta.forEach != nil, hasCount: meta.count != nil, address: declaration.address)
            check(declaration.spec, place: place, &diagnostics)
            for expression in meta.instanceExpressions { check(expression, place: place, &diagnostics) }
            for expression in meta.selfExpressions { check(expression, place: place, allowsSelf: true, &diagnostics) }
            for expression in [meta.forEach, meta.count, meta.enabled].compactMap(\.self) {
                check(expression, place: .expansion, &diagnostics)
            }
            check(meta.dependsOn, of: declaration.address.description, declaration.range, &diagnostics)
        }
    }

    /// What is wrong with the names in the settings of provider instances.
    func check(_ provider: ResolvedProvider, _ diagnostics: inout Diagnostics) {
        let place = Place.provider(hasForEach: provider.key != nil, name: provider.name)
        check(provider.settings, place: place, &diagnostics)
    }

    private func check(_ call: ModuleCall, _ diagnostics: inout Diagnostics) {
        let place = Place.call(hasForEach: call.meta.forEach != nil, hasCount: call.meta.count != nil, name: call.name)
        for input in call.inputs.values { check(input, place: place, &diagnostics) }
        for expression in [call.meta.forEach, call.meta.count, call.meta.enabled].compactMap(\.self) {
            check(expression, place: .expansion, &diagnostics)
        }
        check(call.dependsOn, of: "module.\(call.name)", call.range, &diagnostics)
    }

    private func check(
        _ targets: [DependencyTarget], of name: String, _ range: SourceRange, _ diagnostics: inout Diagnostics
    ) {
        for target in targets {
            var problem: Diagnostic
            switch target {
            case .resource(let address) where !written.contains(address): problem = unknownResource(address, range)
            case .module(let step) where !callNames.contains(step.name):
                problem = unknown("module", step.name, among: callNames, range)
            default: continue
            }
            problem.detail = "`depends_on` of \(name): \(problem.detail)"
            diagnostics.append(problem)
        }
    }

    private func check(_ output: ResolvedOutput, _ diagnostics: inout Diagnostics) {
        let conditions = output.preconditions.flatMap { [$0.condition, $0.message] }
        for expression in conditions + [output.value] { check(expression, place: .output, &diagnostics) }
        check(output.dependsOn, of: "the output \"\(output.name)\"", output.range, &diagnostics)
    }

    /// As `check(_:)`, for checks and validations. What a check reads is known in that check alone.
    private func check(_ checks: [ResolvedCheck], _ validations: [ResolvedValidation], _ diagnostics: inout Diagnostics)
    {
        for validation in validations {
            for expression in [validation.rule.condition, validation.rule.message] {
                check(expression, place: .validation, &diagnostics)
            }
        }
        for one in checks {
            if let data = one.data {
                check(data.spec, place: .check(nil), &diagnostics)
                check(data.meta.dependsOn, of: data.address.description, data.range, &diagnostics)
            }
            for expression in one.assertions.flatMap({ [$0.condition, $0.message] }) {
                check(expression, place: .check(one.data?.address), &diagnostics)
            }
        }
    }

    private enum Place {
        case validation
        /// With the address of what the check reads for itself.
        case check(ResourceAddress?)
        case local
        case output
        case expansion
        case instance(hasForEach: Bool, hasCount: Bool, address: ResourceAddress)
        case call(hasForEach: Bool, hasCount: Bool, name: String)
        case provider(hasForEach: Bool, name: String)
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
            var problem = unknown("variable", name, among: variableNames, found.range)
            if isModule { problem.detail += " A module knows its own variables alone; pass it values under `inputs:`." }
            return problem
        case .local(let name) where content.locals[name] == nil:
            return unknown("local", name, among: content.locals.keys, found.range)
        case .resource(let address) where !written.contains(address):
            if case .check(let own) = place, own == address { return nil }
            return unknownResource(address, found.range)
        case .module(let name):
            guard callNames.contains(name) else { return unknown("module", name, among: callNames, found.range) }
            guard let output = found.output, let module = content.call(name)?.content, module.output(output) == nil
            else { return nil }
            let hint = Suggestion.didYouMean(output, among: module.outputs.map(\.name))
            return .error(
                "Unknown output", "The module \"\(name)\" has no output \"\(output)\".\(hint)", at: found.range)
        case .environment:
            if case .provider = place { return nil }
            return misplaced(
                "Environment variables can be read in `stack.yaml` alone; pass them in as variables.", found)
        case .selfResource where !allowsSelf:
            return misplaced(
                "`self` stands for the resource itself and can be used in `ready`, `preconditions` and `postconditions` "
                    + "alone.", found)
        case .eachKey, .eachValue:
            switch place {
            case .instance(true, _, _), .call(true, _, _), .provider(true, _): return nil
            default: break
            }
            return misplaced(
                "`each` is known only in a resource that has `for_each`\(suffix(place)).", found)
        case .countIndex:
            switch place {
            case .instance(_, true, _), .call(_, true, _): return nil
            default: break
            }
            return misplaced("`count.index` is known only in a resource that has `count`\(suffix(place)).", found)
        default: return nil
        }
    }

    private func suffix(_ place: Place) -> String {
        switch place {
        case .local: ", not in `locals`"
        case .validation: ", not in a validation"
        case .check: ", not in `checks`"
        case .output: ", not in `outputs`"
        case .expansion: ", and not in `for_each`, `count` or `enabled` themselves"
        case .instance(_, _, let address): "; \(address) has none"
        case .call(_, _, let name): "; module.\(name) has none"
        case .provider(_, let name): "; the provider \(name) has none"
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
        if let owner = specification.checks.first(where: { $0.data?.address == address }) {
            return .error(
                "Data of a check",
                "\(address) is read by the check \"\(owner.name)\" for itself, and nothing else can refer to it. Declare it "
                    + "in the section `data:` to use it here.", at: range)
        }
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
        (content.locals[name]?.references ?? []).reversed().compactMap { found in
            if case .local(let other) = found.reference, content.locals[other] != nil { other } else { nil }
        }
    }
}

extension ResolvedResource.Meta {
    /// Every expression beside `spec`.
    var allExpressions: [ValueExpression] { instanceExpressions + wholeExpressions }

    /// The expressions that are looked at as a whole, not instance by instance, to find what they wait for.
    var wholeExpressions: [ValueExpression] {
        selfExpressions + [forEach, count, enabled].compactMap(\.self)
    }

    /// The expressions that see `each` and `count`, but not `self`.
    var instanceExpressions: [ValueExpression] {
        var ignored: ValueExpression?
        if case .expression(let expression)? = ignoreChanges { ignored = expression }
        return [createBeforeDestroy, preventDestroy, retain, ignored].compactMap(\.self) + replaceTriggeredBy
            + (drift?.expressions ?? [])
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
