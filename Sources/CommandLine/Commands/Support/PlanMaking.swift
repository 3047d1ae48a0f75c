internal import Operations
internal import Planning
internal import PlumbModel
internal import Reporting

/// Makes a plan and shows it: the first half of `plan`, `apply` and `destroy`.
struct PlanMaking {
    let console: Console
    let session: StackSession

    func make(_ options: PlanOptions) async throws(Diagnostics) -> PlanResult {
        let progress = ProgressReport(console: console, total: 0)
        defer { progress.finish() }
        let operation = PlanOperation(session, holder: Invocation.holder)
        var result = try await operation.run(options) { progress.handle($0) }
        let review = PolicyReview(session, environment: Invocation.environment)
        guard !review.isEmpty else { return result }
        var document = ""
        PlanJSON(result.plan, in: operation.setting(of: result), showsSensitive: false).render { document += $0 }
        result.plan.policies = await review.judge(document)
        return result
    }

    /// Tells what was noticed on the way.
    func warn(_ result: PlanResult) {
        var warnings = session.warnings
        warnings.append(result.warnings)
        Invocation.report(warnings, console)
    }

    func show(_ result: PlanResult) {
        warn(result)
        PlanReport(result.plan).render(console.output) { console.write($0) }
    }
}
