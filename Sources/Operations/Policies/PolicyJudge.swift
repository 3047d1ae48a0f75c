public import Planning
public import PlumbModel

/// Holds plans against the policies of their stacks, before anybody carries them out.
public struct PolicyJudge: Sendable {
    private let environment: [String: String]
    private let write: @Sendable (Plan, PlanSetting) -> String

    /// - Parameters:
    ///   - environment: what the programs of policies get.
    ///   - write: makes the document that policies read: the plan as JSON, secrets masked.
    public init(environment: [String: String], write: @escaping @Sendable (Plan, PlanSetting) -> String) {
        self.environment = environment
        self.write = write
    }

    /// Puts into a plan what the policies say of it; `PolicyReview.admit` refuses it where they deny it.
    ///
    /// - Parameter approvers: who has approved the plan: a policy that names one of them is waived.
    public func judge(
        _ result: inout PlanResult, of session: StackSession, approvers: Set<String> = []
    ) async {
        let review = PolicyReview(session, environment: environment)
        guard !review.isEmpty else { return }
        result.plan.policies = await review.judge(
            write(result.plan, PlanOperation(session).setting(of: result)), approvers: approvers)
    }
}
