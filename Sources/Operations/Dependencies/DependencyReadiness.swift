internal import Expressions
public import PlumbModel

/// Judges `ready` of `sync.after`: whether a stack that is converged is also what those after it wait for.
public struct DependencyReadiness: Sendable {
    public enum Verdict: Sendable, Hashable {
        case ready
        /// The sentence says what is not true yet, and of what values; nothing secret is in it.
        case notYet(String)
    }

    private let stack: String
    private let node: SpecificationNode

    /// So many characters of an expression or of a value are told.
    private static let length = 160

    /// Nil where being converged is enough.
    public init?(_ dependency: StackDependency) {
        guard let node = dependency.ready else { return nil }
        stack = dependency.stack
        self.node = node
    }

    /// Looks for what is wrong with the expressions before there is anything to judge.
    ///
    /// - Throws: all of it.
    static func check(_ dependencies: [StackDependency]) throws(Diagnostics) {
        var problems = Diagnostics()
        for dependency in dependencies {
            guard let node = dependency.ready else { continue }
            problems.collect { () throws(Diagnostics) in
                let scope = DependencyScope(stack: dependency.stack, facts: nil, surroundings: Surroundings())
                let value = try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(node))
                if !value.isUnknown { _ = try flag(value, at: node.range) }
            }
        }
        try problems.throwIfErrors()
    }

    /// - Parameters:
    ///   - outputs: of the stack, as recorded.
    ///   - time: seconds since 1970, for the functions that tell it.
    /// - Throws: why the expression cannot be judged, with its place; an output that is not there yet is waited for.
    public func judge(
        outputs: [OutputRecord], status: StackStatus, at time: Double
    ) throws(Diagnostics) -> Verdict {
        let values = Dictionary(outputs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let scope = DependencyScope(
            stack: stack, facts: .init(outputs: values, status: status),
            surroundings: Surroundings(phase: .applying(plannedAt: time)))
        let expression = try ExpressionParser.parse(node)
        let value: Value
        do throws(Diagnostics) {
            value = try Evaluator(scope: scope).evaluate(expression)
        } catch {
            guard error.all.allSatisfy({ $0.summary == DependencyScope.absence }), let first = error.all.first else {
                throw error
            }
            return .notYet("\(Self.brief(written)) cannot be told: \(first.detail)")
        }
        if value.isUnknown { return .notYet("\(Self.brief(written)) is not known") }
        return try Self.flag(value, at: node.range) ? .ready : .notYet(sentence(expression, scope))
    }

    private var written: String { "`\(node.scalar?.text ?? node.range.text)`" }

    /// `${outputs.nodes >= 3}` is not true: outputs.nodes is 1.
    private func sentence(_ expression: ValueExpression, _ scope: DependencyScope) -> String {
        let facts = expression.traversals.compactMap { part -> String? in
            // What an expression tries may fail by itself: then there is no value to tell.
            guard part.root != nil, let value = try? Evaluator(scope: scope).evaluate(part) else { return nil }
            let text = value.containsSensitive ? "secret" : Self.brief(value.isUnknown ? "not known" : value.json)
            return "\(Self.brief(part.range.text)) is \(text)"
        }
        let told = facts.isEmpty ? "" : ": \(facts.prefix(5).joined(separator: ", "))"
        return "\(Self.brief(written)) is not true\(told)"
    }

    private static func flag(_ value: Value, at range: SourceRange) throws(Diagnostics) -> Bool {
        if let flag = value.asBool { return flag }
        let what = value.isNull ? "null" : value.type.phrase
        throw Diagnostics(.error("Wrong type", "`ready` is true or false, but this is \(what).", at: range))
    }

    private static func brief(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > length ? line.prefix(length) + "…" : line
    }
}

/// What `ready` can refer to: `outputs` and `status` of the stack that is waited for.
private struct DependencyScope: EvaluationScope {
    struct Facts {
        let outputs: [String: Value]
        let status: StackStatus
    }

    /// The summary of the problem that an output is not there.
    static let absence = "Output is not there"

    let stack: String
    /// Nil while nothing is judged: then all of it is unknown.
    let facts: Facts?
    let surroundings: Surroundings

    private static let members: [String: @Sendable (StackStatus) -> Value] = [
        "phase": { .string($0.phase.rawValue) }, "since": { .string(InstantText.iso($0.since)) },
        "revision": { $0.revision.map(Value.string) ?? .null },
        "applied_revision": { $0.appliedRevision.map(Value.string) ?? .null },
        "drift_count": { .number($0.driftCount) },
        "drift_checked_at": { $0.driftCheckedAt.map { .string(InstantText.iso($0)) } ?? .null },
    ]

    /// What another stack has made is all there is to judge by.
    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .resource(let address) = reference, address.mode == .managed,
            ["outputs", "status"].contains(address.type)
        else {
            throw Diagnostics(
                .error(
                    "Reference out of place",
                    "`ready` is about the stack that is waited for, and can refer to its `outputs` and `status` alone, such as "
                        + "`outputs.nodes` or `status.drift_count`. Here stands \"\(range.text)\".", at: range))
        }
        return address.type == "status" ? try member(address.name, range) : try output(address.name, range)
    }

    private func member(_ name: String, _ range: SourceRange) throws(Diagnostics) -> Value {
        guard let read = Self.members[name] else {
            let names = Self.members.keys.sorted()
            throw Diagnostics(
                .error(
                    "Unknown part of a status",
                    "A stack's status has no part \"\(name)\".\(Suggestion.didYouMean(name, among: names)) There are: "
                        + "\(names.joined(separator: ", ")).", at: range))
        }
        return facts.map { read($0.status) } ?? .unknown()
    }

    private func output(_ name: String, _ range: SourceRange) throws(Diagnostics) -> Value {
        guard let facts else { return .unknown() }
        if let value = facts.outputs[name] { return value }
        throw Diagnostics(
            .error(
                Self.absence,
                "The stack \(stack) has no output \"\(name)\"."
                    + Suggestion.didYouMean(name, among: Array(facts.outputs.keys)), at: range))
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range).element(key, at: range)
    }
}
