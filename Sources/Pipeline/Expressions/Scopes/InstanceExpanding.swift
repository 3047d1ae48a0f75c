public import PlumbModel

/// What `enabled`, `count` and `for_each` make of a declaration.
public enum InstanceExpansion: Sendable {
    case disabled
    case single
    case counted(Int)
    /// In the order of the names.
    case named([(name: String, value: Value)])
}

extension InstanceExpansion {
    var count: Int {
        switch self {
        case .disabled: 0
        case .single: 1
        case .counted(let count): count
        case .named(let names): names.count
        }
    }
}

/// Evaluates `enabled`, `count` and `for_each`, and says what is wrong with their values.
public struct InstanceExpander<Scope: EvaluationScope> {
    private let evaluator: Evaluator<Scope>
    private let allowance: Allowance?

    /// More instances of one declaration than this are refused.
    public static var maximumCount: Int { 1_000_000 }

    public init(scope: Scope) {
        evaluator = Evaluator(scope: scope)
        allowance = scope.allowance
    }

    public func expand(_ meta: ResolvedResource.Meta, of address: ResourceAddress?) throws(Diagnostics)
        -> InstanceExpansion
    {
        let expansion = try expansion(meta, address)
        let range = (meta.count ?? meta.forEach ?? meta.enabled)?.range
        try allowance?.spend(expansion.count, .instances, at: range)
        return expansion
    }

    private func expansion(
        _ meta: ResolvedResource.Meta, _ address: ResourceAddress?
    ) throws(Diagnostics) -> InstanceExpansion {
        if let enabled = meta.enabled, try !flag(enabled, "enabled", address) { return .disabled }
        if let count = meta.count { return .counted(try number(count, address)) }
        if let forEach = meta.forEach { return .named(try names(forEach, address)) }
        return .single
    }

    /// Whether what decides about the instances is known. What is wrong with it comes up when it is expanded.
    public func isKnown(_ meta: ResolvedResource.Meta) -> Bool {
        [meta.enabled, meta.count, meta.forEach].compactMap(\.self).allSatisfy { expression in
            guard let value = try? evaluator.evaluate(expression), case .unknown = value.kind else { return true }
            return false
        }
    }

    private func flag(
        _ expression: ValueExpression, _ key: String, _ address: ResourceAddress?
    ) throws(Diagnostics) -> Bool {
        let value = try known(expression, key, address)
        guard let flag = (try? value.converted(to: .bool))?.asBool else {
            throw wrong("`\(key)` must be true or false, but it is \(value.type.phrase).", expression, address)
        }
        return flag
    }

    private func number(_ expression: ValueExpression, _ address: ResourceAddress?) throws(Diagnostics) -> Int {
        let value = try known(expression, "count", address)
        guard let count = (try? value.converted(to: .number))?.asInt, count >= 0, count <= Self.maximumCount else {
            throw wrong(
                "`count` must be a whole number from 0 to \(Self.maximumCount), but it is \(value.summary).",
                expression,
                address)
        }
        return count
    }

    private func names(
        _ expression: ValueExpression, _ address: ResourceAddress?
    ) throws(Diagnostics) -> [(name: String, value: Value)] {
        let value = try known(expression, "for_each", address)
        switch value.kind {
        case .map(let map, _): return map.map { ($0.key, $0.value) }
        case .list(let elements, .set):
            var names: [(name: String, value: Value)] = []
            for element in elements {
                guard let name = element.asString, !element.isSensitive else {
                    throw wrong(
                        "A set for `for_each` must hold strings that are known and not sensitive.", expression, address)
                }
                names.append((name, .string(name)))
            }
            return names
        case .list:
            throw wrong(
                "`for_each` takes a map, or a set of strings, but this is a list, whose elements have no stable keys. "
                    + "Write `${toset([…])}`, or a `for` that makes a map.", expression, address)
        default:
            throw wrong(
                "`for_each` takes a map or a set of strings, but this is \(value.type.phrase).", expression, address)
        }
    }

    private func known(
        _ expression: ValueExpression, _ key: String, _ address: ResourceAddress?
    ) throws(Diagnostics) -> Value {
        let value = try evaluator.evaluate(expression)
        if case .unknown = value.kind {
            let names = expression.references.filter { if case .bound = $0.reference { false } else { true } }
            let sources = names.map { "\"\($0.range.text)\"" }.joined(separator: ", ")
            throw Diagnostics(
                .error(
                    "Not known at plan time",
                    "`\(key)` decides which instances there are, so it must be known before anything is applied; it "
                        + "depends on \(sources.isEmpty ? "a value" : sources), known only after apply. Use keys that "
                        + "the spec itself gives, or apply what it depends on first with `--target`.",
                    address: address, at: expression.range))
        }
        if value.isSensitive {
            throw wrong(
                "`\(key)` must not be sensitive: its value would show in addresses. Use `nonsensitive(…)` if it may.",
                expression, address)
        }
        if value.isNull { throw wrong("`\(key)` must not be null.", expression, address) }
        return value
    }

    private func wrong(_ detail: String, _ expression: ValueExpression, _ address: ResourceAddress?) -> Diagnostics {
        Diagnostics(.error("Invalid instances", detail, address: address, at: expression.range))
    }
}

extension Value {
    /// The value in a sentence: small scalars themselves, otherwise the type.
    var summary: String {
        switch kind {
        case .number(let number): number.description
        case .bool(let flag): String(flag)
        default: type.phrase
        }
    }
}
