internal import PlumbModel

/// Refuses what would keep the value of an ephemeral variable in a plan or in the state. It follows names, through
/// locals too: what is made of an ephemeral value is as ephemeral.
struct EphemeralCheck {
    private let variables: Set<String>
    private let locals: [String: ValueExpression]
    /// For each local that is made of ephemeral variables, one of them.
    private let ephemeralLocals: [String: String]

    init(variables: [VariableDeclaration], locals: [String: ValueExpression]) {
        self.variables = Set(variables.filter(\.isEphemeral).map(\.name))
        self.locals = locals
        ephemeralLocals = self.variables.isEmpty ? [:] : Self.follow(locals, self.variables)
    }

    func check(
        _ declarations: [ResolvedResource], _ outputs: [ResolvedOutput], _ checks: [ResolvedCheck],
        _ validations: [ResolvedValidation], _ diagnostics: inout Diagnostics
    ) {
        guard !variables.isEmpty else { return }
        for declaration in declarations { check(declaration, &diagnostics) }
        for output in outputs {
            check(output.value, "outputs are kept in the state", nil, &diagnostics)
            check(output.preconditions, nil, &diagnostics)
        }
        for one in checks {
            if let data = one.data { check(data, &diagnostics) }
            check(one.assertions, nil, &diagnostics)
        }
        check(validations.map(\.rule), nil, &diagnostics)
    }

    private func check(_ declaration: ResolvedResource, _ diagnostics: inout Diagnostics) {
        let address = declaration.address
        check(declaration.spec, "attributes are kept in the plan and in the state", address, &diagnostics)
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
            guard let variable = ephemeral(behind: found.reference) else { continue }
            diagnostics.append(
                .error(
                    "Ephemeral value out of place",
                    "This is made of the variable \"\(variable)\", whose value is ephemeral and must not be kept, but "
                        + "\(why). Remove `ephemeral: true` from the variable (`sensitive: true` keeps a value sealed), "
                        + "or use it in conditions and in `ready` alone.", address: address, at: found.range))
        }
    }

    private func ephemeral(behind reference: Reference) -> String? {
        switch reference {
        case .variable(let name): variables.contains(name) ? name : nil
        case .local(let name): ephemeralLocals[name]
        default: nil
        }
    }

    /// Spreads from the ephemeral variables to the locals that name them, and on to those that name these.
    private static func follow(
        _ locals: [String: ValueExpression], _ variables: Set<String>
    ) -> [String: String] {
        var users: [String: [String]] = [:]
        var found: [String: String] = [:]
        var pending: [String] = []
        for (name, expression) in locals.sorted(by: { $0.key < $1.key }) {
            for reference in expression.references {
                switch reference.reference {
                case .variable(let variable) where variables.contains(variable) && found[name] == nil:
                    found[name] = variable
                    pending.append(name)
                case .local(let other): users[other, default: []].append(name)
                default: break
                }
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
