public import PlumbModel

/// Holds conditions against values: what is not known yet passes, what does not hold is told in the spec's own words.
public struct ConditionChecker<Scope: EvaluationScope> {
    private let evaluator: Evaluator<Scope>
    private let object: CheckedObject

    /// - Parameter object: whose conditions they are, for the diagnostics.
    public init(_ scope: Scope, of object: CheckedObject) {
        evaluator = Evaluator(scope: scope)
        self.object = object
    }

    private var address: ResourceAddress? { if case .resource(let address) = object { address } else { nil } }

    /// - Parameter summary: of the diagnostic for a condition that does not hold.
    /// - Returns: pass, or unknown where only the apply can tell.
    /// - Throws: all conditions that do not hold or cannot be evaluated.
    @discardableResult
    public func check(
        _ conditions: [ResolvedResource.Condition], _ summary: String
    ) throws(Diagnostics) -> CheckResult.Status {
        let judgement = judge(conditions)
        if let problems = judgement.diagnostics(summary, object) { throw problems }
        return judgement.status
    }

    /// All conditions, none left out because another does not hold.
    public func judge(_ conditions: [ResolvedResource.Condition]) -> ConditionJudgement {
        var judgement = ConditionJudgement()
        for condition in conditions {
            do throws(Diagnostics) {
                try judge(condition, &judgement)
            } catch {
                judgement.fail(with: error)
            }
        }
        return judgement
    }

    private func judge(
        _ condition: ResolvedResource.Condition, _ judgement: inout ConditionJudgement
    ) throws(Diagnostics) {
        let value = try evaluator.evaluate(condition.condition)
        // What is not known yet has a type all the same.
        let flag = try? value.converted(to: .bool)
        if let flag, flag.isUnknown { return judgement.wait() }
        guard let holds = flag?.asBool else {
            let found = value.isNull ? "null" : value.type.phrase
            throw Diagnostics(
                .error(
                    "Wrong type", "A condition must be true or false, but this is \(found).", address: address,
                    at: condition.condition.range))
        }
        guard !holds else { return }
        judgement.fail(condition, saying: try message(of: condition))
    }

    private func message(of condition: ResolvedResource.Condition) throws(Diagnostics) -> String {
        let message = try evaluator.evaluate(condition.message)
        if message.containsSensitive { return "(the message is sensitive)" }
        guard message.isWhollyKnown else { return "(the message is known only after the apply)" }
        return message.asString ?? message.json
    }
}

/// What came of some conditions together.
public struct ConditionJudgement: Sendable {
    /// A condition that does not hold, and what it says about that.
    public struct Failure: Sendable {
        public let condition: ResolvedResource.Condition
        public let message: String
    }

    public private(set) var status = CheckResult.Status.pass
    public private(set) var failures: [Failure] = []
    /// Why conditions could not be evaluated.
    public private(set) var errors = Diagnostics()

    public init() {}

    mutating func wait() { status = status.joined(with: .unknown) }

    mutating func fail(_ condition: ResolvedResource.Condition, saying message: String) {
        status = status.joined(with: .fail)
        failures.append(Failure(condition: condition, message: message))
    }

    mutating func fail(with problems: Diagnostics) {
        status = status.joined(with: .error)
        errors.append(problems)
    }

    public func joined(with other: ConditionJudgement) -> ConditionJudgement {
        var joined = self
        joined.status = status.joined(with: other.status)
        joined.failures += other.failures
        joined.errors.append(other.errors)
        return joined
    }

    /// What a plan or a run keeps of it.
    ///
    /// - Parameter module: as in `CheckResult`.
    public func result(of object: CheckedObject, in module: String = "") -> CheckResult {
        CheckResult(
            object, status, in: module,
            problems: failures.map(\.message) + errors.all.map { "\($0.summary): \($0.detail)" })
    }

    /// Nil where nothing fails.
    public func diagnostics(_ summary: String, _ object: CheckedObject) -> Diagnostics? {
        guard status == .fail || status == .error else { return nil }
        let address: ResourceAddress? = if case .resource(let address) = object { address } else { nil }
        let told = failures.map { failure in
            Diagnostic.error(summary, failure.message, address: address, at: failure.condition.condition.range).failing(
                object)
        }
        return Diagnostics(told + errors.all)
    }
}
