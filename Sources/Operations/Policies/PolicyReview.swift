internal import Expressions
public import PlumbModel

/// Holds a plan against the policies of its stack. Nothing is thrown for what a plan does: that is in the results.
public struct PolicyReview: Sendable {
    private let policies: [PolicyDeclaration]
    private let directory: String
    private let environment: [String: String]
    private let runsCommands: Bool

    /// - Parameters:
    ///   - directory: where the programs of policies run.
    ///   - environment: what the programs get.
    ///   - runsCommands: false where nobody trusts whoever has written the policies: then a program judges nothing, and
    ///     its policy counts as one that cannot be judged.
    public init(
        _ policies: [PolicyDeclaration], directory: String, environment: [String: String], runsCommands: Bool = true
    ) {
        self.policies = policies
        self.directory = directory
        self.environment = environment
        self.runsCommands = runsCommands
    }

    /// Of the policies of a stack; those of a stranger's session are the vouched ones, and run no programs.
    public init(_ session: StackSession, environment: [String: String]) {
        self.init(
            session.specification.stack.policies,
            directory: session.location.absoluteDirectory ?? session.location.directory,
            environment: environment, runsCommands: session.trust == .full)
    }

    public var isEmpty: Bool { policies.isEmpty }

    /// What policies say of a plan: what denies it as errors, what they warn of as warnings.
    static func problems(of plan: Plan) -> Diagnostics {
        var problems = Diagnostics()
        problems.collect { () throws(Diagnostics) in try admit(plan) }
        for result in plan.policies where !result.refuses && result.status != .pass {
            let why = result.problems.isEmpty ? "it has no words for it." : result.problems.joined(separator: " ")
            problems.append(
                Diagnostic.warning(
                    "Policy warns", "The policy \"\(result.name)\" has something to say of this plan: \(why)"
                ).failing(result))
        }
        return problems
    }

    /// - Throws: that policies deny the plan.
    public static func admit(_ plan: Plan) throws(Diagnostics) {
        let denials = plan.policies.filter(\.refuses)
        guard !denials.isEmpty else { return }
        throw Diagnostics(
            denials.map { denial in
                let why = denial.problems.isEmpty ? "" : " It says: \(denial.problems.joined(separator: " "))"
                let who =
                    denial.waivers.isEmpty
                    ? "" : " \(denial.waivers.joined(separator: ", ")) may waive it in the pull request."
                let what: String
                switch denial.status {
                case .error: what = "could not judge this plan, and a policy that cannot judge denies."
                case .unknown: what = "judges by what is known only after the apply, and so denies."
                case .pass, .fail, .waived: what = "denies this plan."
                }
                return Diagnostic.error(
                    "Plan is denied by a policy",
                    "The policy \"\(denial.name)\" \(what)\(why) Nothing was done. Change the specs, or the policy in "
                        + "stack.yaml or one of its `policy_files`.\(who)"
                ).failing(denial)
            })
    }

    /// Looks for what is wrong with conditions and messages before there is a plan.
    ///
    /// - Throws: all of it.
    static func check(_ policies: [PolicyDeclaration]) throws(Diagnostics) {
        var problems = Diagnostics()
        for policy in policies {
            problems.collect { () throws(Diagnostics) in
                let evaluator = Evaluator(scope: PolicyScope(document: nil))
                if case .condition(let node) = policy.rule {
                    let value = try evaluator.evaluate(try ExpressionParser.parse(node))
                    if !value.isUnknown { _ = try offences(in: value, at: node.range) }
                }
                if let message = policy.message { _ = try evaluator.evaluate(try ExpressionParser.parse(message)) }
            }
        }
        try problems.throwIfErrors()
    }

    /// - Parameters:
    ///   - document: the plan as JSON, secrets masked.
    ///   - approvers: the names of those who have approved this plan; who they are is for the caller to know.
    /// - Returns: the results, in the order of the policies; a program may have several.
    public func judge(_ document: String, approvers: Set<String> = []) async -> [PolicyResult] {
        guard !policies.isEmpty else { return [] }
        let plan = (try? Value(json: document))?.asMap ?? [:]
        var results: [PolicyResult] = []
        for policy in policies {
            let verdict: PolicyVerdict
            switch policy.rule {
            case .condition(let node): verdict = Self.judge(policy, node, PolicyScope(document: plan))
            case .command(let words, let seconds):
                verdict = await run(words, seconds, policy, document, PolicyScope(document: plan))
            }
            results += verdict.results(of: policy, approvers)
        }
        return results
    }

    private static func judge(
        _ policy: PolicyDeclaration, _ node: SpecificationNode, _ scope: PolicyScope
    ) -> PolicyVerdict {
        do throws(Diagnostics) {
            let value = try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(node))
            guard !value.isUnknown else { return PolicyVerdict(.unknown) }
            let offences = try offences(in: value, at: node.range)
            guard let offences else { return PolicyVerdict(.pass) }
            return PolicyVerdict(.fail, try words(of: policy, scope, offences))
        } catch {
            return PolicyVerdict(.error, error.all.map { "\($0.summary): \($0.detail)" })
        }
    }

    /// The message, and what the condition has named.
    private static func words(
        of policy: PolicyDeclaration, _ scope: PolicyScope, _ offences: [String]
    ) throws(Diagnostics) -> [String] {
        let shown = Array(offences.prefix(PolicyVerdict.limit))
        guard let node = policy.message else { return shown }
        let value = try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(node))
        let message = value.asString ?? value.json
        guard !offences.isEmpty else { return [message] }
        let more = offences.count - shown.count
        return ["\(message) (\(shown.joined(separator: ", "))\(more > 0 ? " and \(more) more" : ""))"]
    }

    /// What a condition names as offending; nil where nothing offends.
    private static func offences(in value: Value, at range: SourceRange) throws(Diagnostics) -> [String]? {
        if let flag = value.asBool { return flag ? [] : nil }
        guard let elements = value.asList else {
            throw Diagnostics(
                .error(
                    "Wrong type",
                    "A policy's condition is true or false, or a list of what offends, but this is "
                        + "\(value.isNull ? "null" : value.type.phrase).", at: range))
        }
        return elements.isEmpty ? nil : elements.map { $0.asString ?? $0.json }
    }

    private func run(
        _ words: [String], _ seconds: Double, _ policy: PolicyDeclaration, _ document: String, _ scope: PolicyScope
    ) async -> PolicyVerdict {
        guard runsCommands else {
            return PolicyVerdict(
                .error, ["Its program was not run, because this revision is not trusted to run programs."])
        }
        let command = PolicyCommand(words: words, seconds: seconds, directory: directory, environment: environment)
        let verdict = await BlockingWork.run { command.judge(document) }
        guard verdict.status == .fail, let node = policy.message else { return verdict }
        do throws(Diagnostics) {
            let value = try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(node))
            return PolicyVerdict(.fail, [value.asString ?? value.json] + verdict.problems, warnings: verdict.warnings)
        } catch {
            return PolicyVerdict(.error, error.all.map { "\($0.summary): \($0.detail)" })
        }
    }
}

extension Diagnostic {
    /// The same problem, marked as one that a test can expect, where the policy has judged.
    fileprivate func failing(_ result: PolicyResult) -> Diagnostic {
        result.status == .fail ? failing(.policy(result.name)) : self
    }
}

/// What a condition or a program says of a plan, before anybody has waived anything.
struct PolicyVerdict: Sendable {
    /// So many sentences of a policy are kept.
    static let limit = 20
    private static let length = 1000

    let status: PolicyResult.Status
    let problems: [String]
    /// What a program only warns of.
    let warnings: [String]

    init(_ status: PolicyResult.Status, _ problems: [String] = [], warnings: [String] = []) {
        self.status = status
        self.problems = problems.prefix(Self.limit).map { String($0.prefix(Self.length)) }
        self.warnings = warnings.prefix(Self.limit).map { String($0.prefix(Self.length)) }
    }

    /// An offence is waived where one of those who may waive it has approved; what cannot be judged is not.
    func results(of policy: PolicyDeclaration, _ approvers: Set<String>) -> [PolicyResult] {
        let waiving = status == .fail ? policy.waivers.filter(approvers.contains) : []
        let own = PolicyResult(
            policy.name, policy.effect, waiving.isEmpty ? status : .waived(waiving), problems: problems,
            waivers: policy.waivers)
        return warnings.isEmpty ? [own] : [own, PolicyResult(policy.name, .warn, .fail, problems: warnings)]
    }
}
