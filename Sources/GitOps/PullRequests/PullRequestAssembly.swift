internal import Operations
internal import PlumbModel

/// Puts together what a pull request's comment tells, and what is remembered of it.
struct PullRequestAssembly {
    let survey: RevisionSurvey
    let affected: [AffectedStacks.Affected]
    let planned: [String: PlannedStack]
    /// All stacks of the newest commit.
    let stacks: [AffectedStacks.Stack]
    /// Of stacks whose `stack.yaml` has changed.
    let formerNames: [String: String]
    let number: Int
    let previous: PullRequestRecord?
    let isOfStranger: Bool
    let now: Double

    func made() -> PlannedPullRequest {
        let isSamePush = previous?.head == survey.range.head
        let previousHead = isSamePush ? previous?.previousHead : previous?.head
        let namesakes = Dictionary(grouping: stacks, by: \.name)
        let found = Dictionary(stacks.map { ($0.folder, $0) }, uniquingKeysWith: { first, _ in first })
        var plans: [PullRequestPlans.Stack] = []
        var records: [PullRequestRecord.Stack] = []
        for one in affected {
            let planned = planned[one.folder] ?? PlannedStack()
            let stack = one.standing == .removed ? nil : found[one.folder]
            var problems = planned.problems
            problems.append(warnings(one, stack, namesakes[one.name] ?? []))
            plans.append(
                PullRequestPlans.Stack(
                    name: one.name, directory: one.folder, standing: one.standing, plan: planned.plan,
                    problems: problems, digest: planned.digest, causes: one.causes, movement: planned.movement))
            records.append(record(one, planned, stack, problems))
        }
        let names = Set(affected.map(\.name))
        let gone =
            isSamePush
            ? previous?.noLongerAffected ?? []
            : (previous?.stacks.map(\.name) ?? []).filter { !names.contains($0) }
        return PlannedPullRequest(
            plans: PullRequestPlans(
                key: "", stacks: plans, revision: survey.range.head, previousRevision: previousHead,
                noLongerAffected: gone),
            record: PullRequestRecord(
                number: number, head: survey.range.head, base: survey.range.base, plannedAt: now,
                previousHead: previousHead, noLongerAffected: gone, isOfStranger: isOfStranger,
                stacks: records))
    }

    private func record(
        _ one: AffectedStacks.Affected, _ planned: PlannedStack, _ stack: AffectedStacks.Stack?,
        _ problems: Diagnostics
    ) -> PullRequestRecord.Stack {
        let verdict: PullRequestRecord.Stack.Verdict
        if let plan = planned.plan, !problems.hasErrors {
            verdict = plan.policies.contains(where: \.refuses) ? .denied : plan.isEmpty ? .unchanged : .changes
        } else {
            verdict = .failed
        }
        return PullRequestRecord.Stack(
            name: one.name, folder: one.folder, standing: one.standing, digest: planned.digest,
            counts: planned.plan.map { PullRequestRecord.Stack.Counts($0) } ?? PullRequestRecord.Stack.Counts(),
            verdict: verdict, after: (stack?.upstream ?? []).sorted(), reading: planned.reading,
            movement: planned.movement, formerDigest: planned.formerDigest)
    }

    /// What a plan does not tell, and whoever merges should know.
    private func warnings(
        _ one: AffectedStacks.Affected, _ stack: AffectedStacks.Stack?, _ namesakes: [AffectedStacks.Stack]
    ) -> Diagnostics {
        var problems = Diagnostics()
        if let former = formerNames[one.folder], one.standing == .present, former != one.name {
            problems.append(
                .warning(
                    "Stack is renamed",
                    "It was called \"\(former)\", and what it has made is recorded under that name: under the new one it is made "
                        + "a second time, and the old is left behind. Keep the name, or destroy the stack before it is renamed."
                ))
        }
        if isOfStranger, one.standing == .present, !survey.before.contains(one.folder) {
            problems.append(
                .warning(
                    "Stack is moved",
                    "Its folder had another name. Nobody vouches for whoever has moved it, so that it is planned as if it were new: what "
                        + "is recorded under its name was not looked at, and stays its own once it is merged. What the move really does, "
                        + "a maintainer's plan says."))
        }
        if one.standing != .removed, namesakes.count > 1 {
            let named = namesakes.lazy.map(\.folder).filter { $0 != one.folder }.prefix(3).joined(separator: ", ")
            let others = namesakes.count > 4 ? "\(named) and \(namesakes.count - 4) more" : named
            problems.append(
                .warning(
                    "Stacks of the same name",
                    "In \(others) there is a stack that is called \"\(one.name)\" too. Two stacks of one name share one record in the "
                        + "same state: rename one of them, unless each has a state of its own."))
        }
        if let stack, survey.isBehind(stack) {
            problems.append(
                .warning(
                    "Base branch has moved on",
                    "Since this branch was made, the base branch has changed files that this stack reads. This plan takes that "
                        + "back: merge the base branch into this one, and it is planned anew."))
        }
        return problems
    }
}
