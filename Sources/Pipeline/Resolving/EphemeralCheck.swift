internal import PlumbModel

/// Refuses what would keep the value of an ephemeral variable in a plan or in the state. It follows names, through
/// locals too: what is made of an ephemeral value is as ephemeral.
struct EphemeralCheck {
    private let content: ModuleContent
    private let variables: Set<String>
    /// For each local that is made of ephemeral values, the name of one of them.
    private let ephemeralLocals: [String: String]

    init(_ content: ModuleContent) {
        self.content = content
        let variables = Set(content.variables.filter(\.isEphemeral).map(\.name))
        self.variables = variables
        ephemeralLocals = Self.follow(content.locals) { Self.ephemeral($0, variables, content) }
    }

    func check(_ diagnostics: inout Diagnostics) {
        for declaration in content.resources { check(declaration, &diagnostics) }
        for output in content.outputs {
            if !output.isEphemeral {
                check(output.value, "outputs are kept in the state unless they are ephemeral", nil, &diagnostics)
            }
            check(output.preconditions, nil, &diagnostics)
        }
        for one in content.checks {
            if let data = one.data { check(data, &diagnostics) }
            check(one.assertions, nil, &diagnostics)
        }
        check(content.validations.map(\.rule), nil, &diagnostics)
        for call in content.calls { check(call, &diagnostics) }
    }

    /// A module may have an ephemeral value where it says that it knows.
    private func check(_ call: ModuleCall, _ diagnostics: inout Diagnostics) {
        for (name, input) in call.inputs where call.content.variable(name)?.isEphemeral == false {
            check(input, "the module's variable \"\(name)\" is not ephemeral", nil, &diagnostics)
        }
        for expression in [call.meta.forEach, call.meta.count, call.meta.enabled].compactMap(\.self) {
            check(expression, "it decides what the plan does, and an apply later must find the same", nil, &diagnostics)
        }
    }

    private func check(_ declaration: ResolvedResource, _ diagnostics: inout Diagnostics) {
        let address = declaration.address
        for part in declaration.keptParts {
            check(part, "attributes are kept in the plan and in the state", address, &diagnostics)
        }
        let meta = declaration.meta
        for expression in meta.instanceExpressions + [meta.forEach, meta.count, meta.enabled].compactMap(\.self) {
            check(
                expression, "it decides what the plan does, and an apply later must find the same", address,
                &diagnostics)
        }
        check(meta.preconditions + meta.postconditions, address, &diagnostics)
    }

    /// A condition may look at anything; what it says is written down.
    private func check(
        _ conditions: [ResolvedResource.Condition], _ address: ResourceAddress?, _ diagnostics: inout Diagnostics
    ) {
        for condition in conditions {
            check(condition.message, "messages are kept in the plan", address, &diagnostics)
        }
    }

    private func check(
        _ expression: ValueExpression, _ why: String, _ address: ResourceAddress?, _ diagnostics: inout Diagnostics
    ) {
        for found in expression.references {
            guard let variable = ephemeral(behind: found) else { continue }
            diagnostics.append(
                .error(
                    "Ephemeral value out of place",
                    "This is made of \"\(variable)\", whose value is ephemeral and must not be kept, but "
                        + "\(why). Remove `ephemeral: true` from the variable (`sensitive: true` keeps a value sealed), "
                        + "or use it in conditions, in `ready` and in write-only attributes alone.", address: address,
                    at: found.range))
        }
    }

    private func ephemeral(behind found: FoundReference) -> String? {
        if case .local(let name) = found.reference { return ephemeralLocals[name] }
        return Self.ephemeral(found, variables, content)
    }

    /// What a reference names itself, where that is ephemeral.
    private static func ephemeral(
        _ found: FoundReference, _ variables: Set<String>, _ content: ModuleContent
    ) -> String? {
        switch found.reference {
        case .variable(let name): return variables.contains(name) ? "var.\(name)" : nil
        case .module(let name):
            guard let outputs = content.call(name)?.content.outputs else { return nil }
            let meant = outputs.first { $0.isEphemeral && (found.output == nil || found.output == $0.name) }
            return meant.map { "module.\(name).\($0.name)" }
        default: return nil
        }
    }

    /// Spreads from ephemeral values to the locals that name them, and on to those that name these.
    private static func follow(
        _ locals: [String: ValueExpression], _ ephemeral: (FoundReference) -> String?
    ) -> [String: String] {
        var users: [String: [String]] = [:]
        var found: [String: String] = [:]
        var pending: [String] = []
        for (name, expression) in locals.sorted(by: { $0.key < $1.key }) {
            for reference in expression.references {
                if case .local(let other) = reference.reference { users[other, default: []].append(name) }
                guard found[name] == nil, let origin = ephemeral(reference) else { continue }
                found[name] = origin
                pending.append(name)
            }
        }
        while let name = pending.popLast() {
            for user in users[name] ?? [] where found[user] == nil {
                found[user] = found[name]
                pending.append(user)
            }
        }
        return found
    }
}

extension ResolvedResource {
    /// The parts of `spec` that plans and states keep: all but write-only attributes.
    fileprivate var keptParts: [ValueExpression] {
        guard schema.hasWriteOnly, case .object(let entries, _) = spec else { return [spec] }
        return entries.filter { schema[$0.key]?.isWriteOnly != true }.map(\.value)
    }
}
