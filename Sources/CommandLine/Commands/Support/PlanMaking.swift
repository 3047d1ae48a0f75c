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
        var result = try await PlanOperation(session, holder: Invocation.holder).run(options) { progress.handle($0) }
        await Invocation.policies.judge(&result, of: session)
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
