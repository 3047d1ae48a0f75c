internal import Applying
internal import Operations
internal import PlumbModel

extension StackReconciler {
    /// Looks for drift, and sets back what the rules say and the windows allow.
    func checkDrift(_ session: StackSession, _ job: StackJob, _ result: inout StackJobResult) async {
        let policy = session.specification.stack.sync
        let closed = WindowCheck(policy.windows ?? []).obstacle(to: [.heal], at: Clock.now())
        var options = DriftOperation.Options()
        options.heals = closed == nil && !job.control.isStopping
        options.patience = 5
        options.trigger = job.trigger
        options.obstacle = { [isLocked] in
            await isLocked(job.name) ? "Nothing is set back, because a pull request has taken the stack" : nil
        }
        let operation = DriftOperation(session, holder: holder, policies: policies, options: options) { _ in
        } report: { _ in
        }
        do throws(Diagnostics) {
            let check = try await operation.run(control: job.control)
            take(check, closed, job, &result)
        } catch {
            if case .converged = result.outcome {
                result.outcome = Reconciliation(error, while: "Drift could not be looked for")
            }
        }
    }

    private func take(
        _ check: DriftCheck, _ closed: WindowCheck.Obstacle?, _ job: StackJob, _ result: inout StackJobResult
    ) {
        result.driftCheckedAt = check.checkedAt
        let counting = check.findings.filter(\.counts)
        result.driftCount = counting.count
        // Who could not look everywhere does not know that nothing is there.
        if !check.allProblems.hasErrors || !check.findings.isEmpty { result.drift = check.findings }
        result.healed += check.findings.count { $0.remedy == .healed }
        if result.healed > 0 { result.hasChanged = true }
        // What keeps the newest revision from being applied is the more important sentence.
        guard case .converged(let text) = result.outcome else { return }
        if check.isDenied {
            result.outcome = .halted(check.problems.sentence(while: "Drift was found, and is not set back"))
            return
        }
        if check.problems.hasErrors {
            result.outcome = Reconciliation(check.problems, while: "Drift was found, and could not be set back")
            return
        }
        if !check.unreadable.isEmpty {
            let failed = Reconciliation(
                check.allProblems, while: "Not everything could be looked at for drift\(Self.sentence(on: counting))")
            // It is tried again, and soon: what is not known may be anything.
            result.outcome = failed
            return
        }
        let pending = counting.filter(\.isToBeHealed)
        if let closed, !pending.isEmpty {
            result.outcome = .waiting(
                "\(Self.places(pending.count)) drifted. \(closed.reason)", until: closed.opensAt)
            return
        }
        result.outcome = .converged(text + Self.sentence(on: counting))
    }

    private static func places(_ count: Int) -> String { "\(count) place\(count == 1 ? " has" : "s have")" }

    /// What has drifted and stays so, what is fought over first, with what to do about it.
    private static func sentence(on findings: [DriftCheck.Finding]) -> String {
        guard !findings.isEmpty else { return "" }
        var text = "; \(places(findings.count)) drifted"
        if let fought = findings.first(where: { $0.record.status == .contended }) {
            let record = fought.record
            let path = record.path.steps.isEmpty ? "" : " \(record.path)"
            let writer = record.writer.map { "\($0.name) writes" } ?? "somebody writes"
            text += "; \(writer) \(record.address)\(path) as often as it is set back, so that it is left alone: "
            text += "`plumb drift ignore \(record.address)\(path)` lets them, `plumb drift ack` ends the message"
        }
        return text
    }
}
