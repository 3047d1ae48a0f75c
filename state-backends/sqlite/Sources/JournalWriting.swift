import GRDB
import PlumbModel
import StateBackendAPI
import StateKeeping

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Rows of `runs` and `intents`.
extension StateWriter {
    func begin(_ run: RunRecord) throws {
        try forgetOldRuns()
        try insert(run)
    }

    func insert(_ run: RunRecord) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO runs
                    (id, stack, kind, started_by, revision, actor, started_at, finished_at, outcome, summary)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            run.id, stack, run.kind, run.trigger, run.revision, run.actor, run.startedAt, run.finishedAt,
            run.outcome.rawValue, run.summary,
        ])
    }

    func finishRun(_ id: String, outcome: RunRecord.Outcome, summary: String, at time: Double) throws {
        try database.cachedStatement(
            sql: "UPDATE runs SET outcome = ?, summary = ?, finished_at = ? WHERE id = ? AND stack = ?"
        ).execute(arguments: [outcome.rawValue, summary, time, id, stack])
        guard database.changesCount > 0 else {
            throw StateBackendError(.failed, "The run \(id) cannot be finished: the state has no such run.")
        }
    }

    func open(_ intent: Intent) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO intents
                    (id, stack, run, address, deposed_key, provider, action, planned, prior, private_data,
                     dependencies, is_protected, creates_before_destroy, fence, opened_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            intent.id, stack, intent.run, intent.address.description, intent.deposedKey ?? "", intent.provider,
            intent.action.rawValue, intent.planned?.archived, intent.prior?.archived,
            intent.privateData.map { Data($0.utf8) }, DependencyText.write(intent.dependencies), intent.isProtected,
            intent.createsBeforeDestroy, lease.fence, now,
        ])
    }

    /// The values have done their service: from here on the history has them.
    func conclude(_ id: String, _ conclusion: Intent.Conclusion) throws {
        try database.cachedStatement(
            sql: """
                UPDATE intents SET conclusion = ?, concluded_at = ?, planned = NULL, prior = NULL,
                    private_data = NULL, dependencies = ''
                WHERE id = ? AND stack = ? AND conclusion IS NULL
                """
        ).execute(arguments: [conclusion.rawValue, now, id, stack])
        guard database.changesCount > 0 else {
            throw StateBackendError(
                .failed, "The intent \(id) cannot be concluded: the state has no such intent, or it is concluded.")
        }
    }

    /// Makes room for one more run.
    private func forgetOldRuns() throws {
        let newest = "SELECT number FROM runs WHERE stack = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2"
        try database.cachedStatement(
            sql: """
                DELETE FROM intents WHERE stack = ?1 AND conclusion IS NOT NULL AND run IN (
                    SELECT id FROM runs WHERE stack = ?1 AND number <= (\(newest)))
                """
        ).execute(arguments: [stack, retention.runsWithIntents - 1])
        try database.cachedStatement(
            sql: """
                DELETE FROM runs WHERE stack = ?1 AND number <= (\(newest))
                    AND id NOT IN (SELECT run FROM intents WHERE stack = ?1 AND conclusion IS NULL)
                """
        ).execute(arguments: [stack, retention.runsPerStack - 1])
    }
}
