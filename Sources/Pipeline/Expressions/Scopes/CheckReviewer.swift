public import PlumbModel

/// Reviews one check: reads what it reads for itself, and holds its assertions against the stack. Whatever comes of it
/// is a result and warnings, never an error.
public struct CheckReviewer {
    private let check: ResolvedCheck
    private let scopes: ModuleScopes
    private let module: Int

    /// - Parameters:
    ///   - scopes: values that are not known yet leave the check open.
    ///   - module: where the check stands: an index into `ResourceGraph.modules`.
    public init(_ check: ResolvedCheck, scopes: ModuleScopes, in module: Int) {
        self.check = check
        self.scopes = scopes
        self.module = module
    }

    private var moduleText: String { scopes.modules[module].path.addressText }

    public struct Review: Sendable {
        public let result: CheckResult
        public let warnings: Diagnostics
    }

    /// - Parameters:
    ///   - isPending: what the check's own data depends on has yet to change, so that it is too early to read it.
    ///   - read: gives the values of the check's data resource for its evaluated `spec`.
    public func review(
        isPending: Bool = false,
        reading read: (ResolvedResource, Value) async throws(Diagnostics) -> Value
    ) async -> Review {
        var judgement = ConditionJudgement()
        do throws(Diagnostics) {
            judgement = try await judge(isPending, read)
        } catch {
            // What cannot be read is a failure of what the check is about, not of the check.
            return Review(
                result: CheckResult(
                    .check(check.name), .fail, in: moduleText, problems: error.all.map { "\($0.summary): \($0.detail)" }
                ),
                warnings: warnings(error))
        }
        let failures = judgement.failures.map { failure in
            Diagnostic.warning(
                "Check failed", "The check \"\(check.name)\" says: \(failure.message)",
                at: failure.condition.condition.range
            ).failing(.check(check.name))
        }
        var told = Diagnostics(failures)
        told.append(warnings(judgement.errors))
        return Review(result: judgement.result(of: .check(check.name), in: moduleText), warnings: told)
    }

    private func judge(
        _ isPending: Bool, _ read: (ResolvedResource, Value) async throws(Diagnostics) -> Value
    ) async throws(Diagnostics) -> ConditionJudgement {
        guard let data = check.data else { return Self.judge(check, InstanceScope(scopes, in: module)) }
        let declared = try declaredValues(data)
        let values =
            declared.isWhollyKnown && !isPending ? try await read(data, declared) : .unknown(data.schema.objectType)
        return Self.judge(check, InstanceScope(seeing(values, data), in: module))
    }

    private func seeing(_ values: Value, _ data: ResolvedResource) -> ModuleScopes {
        scopes.seeing(values, of: data.address.inside(scopes.modules[module].path))
    }

    private static func judge(_ check: ResolvedCheck, _ scope: InstanceScope) -> ConditionJudgement {
        ConditionChecker(scope, of: .check(check.name)).judge(check.assertions)
    }

    private func declaredValues(_ data: ResolvedResource) throws(Diagnostics) -> Value {
        let value = try Evaluator(scope: InstanceScope(scopes, in: module)).evaluate(data.spec)
        return try SchemaConformer(
            schema: data.schema, node: data.specNode, address: data.address, range: data.range
        ).conform(value)
    }

    /// A check never fails a run: its errors are told as warnings that say whose they are.
    private func warnings(_ problems: Diagnostics) -> Diagnostics {
        Diagnostics(
            problems.all.map { problem in
                var warning = problem
                warning.severity = .warning
                warning.notes.append(.init("It belongs to the check \"\(check.name)\".", at: check.range))
                return warning.failing(.check(check.name))
            })
    }

    // MARK: - Before anything is known

    /// Checks types while only the schemas are known.
    ///
    /// - Parameter unknownData: the check's data resource, unknown but typed.
    public func checkTypes(unknownData: Value?) throws(Diagnostics) {
        var problems = Diagnostics()
        var scopes = scopes
        if let data = check.data {
            problems.collect { () throws(Diagnostics) in _ = try declaredValues(data) }
            scopes = seeing(unknownData ?? .unknown(data.schema.objectType), data)
        }
        // What does not hold is no mistake of the specs; only what cannot be evaluated is.
        problems.append(Self.judge(check, InstanceScope(scopes, in: module)).errors)
        try problems.throwIfErrors()
    }
}
