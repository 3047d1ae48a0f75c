import PlumbModel
import StateBackendAPI
import StateKeeping

/// Rows of `runs` and `intents`.
extension StateWriter {
    mutating func begin(_ run: RunRecord) {
        forgetOldRuns()
        insert(run)
    }

    mutating func insert(_ run: RunRecord) {
        add(
            """
            INSERT INTO runs
                (id, stack, kind, started_by, revision, actor, started_at, finished_at, outcome, summary)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .text(run.id), .integer(stack), .text(run.kind), .text(run.trigger), .optionalText(run.revision),
                .text(run.actor), .double(run.startedAt), .optionalDouble(run.finishedAt),
                .text(run.outcome.rawValue), .optionalText(run.summary),
            ])
    }

    mutating func finishRun(_ id: String, outcome: RunRecord.Outcome, summary: String, at time: Double) {
        add(
            "UPDATE runs SET outcome = $3, summary = $4, finished_at = $5 WHERE id = $1 AND stack = $2",
            [.text(id), .integer(stack), .text(outcome.rawValue), .text(summary), .double(time)]
        ) { rows in
            rows.affected > 0
                ? nil
                : StateBackendError(.failed, "The run \(id) cannot be finished: the state has no such run.")
        }
    }

    mutating func open(_ intent: Intent) {
        add(
            """
            INSERT INTO intents
                (id, stack, run, address, deposed_key, provider, action, planned, prior, private_data,
                 dependencies, is_protected, creates_before_destroy, fence, opened_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [
                .text(intent.id), .integer(stack), .text(intent.run), .text(intent.address.description),
                .text(intent.deposedKey ?? ""), .text(intent.provider), .text(intent.action.rawValue),
                .optionalText(intent.planned?.archived), .optionalText(intent.prior?.archived),
                .optionalBytes(intent.privateData.map { [UInt8]($0.utf8) }),
                .text(DependencyText.write(intent.dependencies)), .bool(intent.isProtected),
                .bool(intent.createsBeforeDestroy), .integer(lease.fence), .double(now),
            ])
    }

    /// The values have done their service: from here on the history has them.
    mutating func conclude(_ id: String, _ conclusion: Intent.Conclusion) {
        add(
            """
            UPDATE intents SET conclusion = $3, concluded_at = $4, planned = NULL, prior = NULL,
                private_data = NULL, dependencies = ''
            WHERE id = $1 AND stack = $2 AND conclusion IS NULL
            """, [.text(id), .integer(stack), .text(conclusion.rawValue), .double(now)]
        ) { rows in
            rows.affected > 0
                ? nil
                : StateBackendError(
                    .failed, "The intent \(id) cannot be concluded: the state has no such intent, or it is concluded.")
        }
    }

    /// Makes room for one more run.
    private mutating func forgetOldRuns() {
        let newest = "SELECT number FROM runs WHERE stack = $1 ORDER BY number DESC LIMIT 1 OFFSET $2"
        add(
            """
            DELETE FROM intents WHERE stack = $1 AND conclusion IS NOT NULL AND run IN (
                SELECT id FROM runs WHERE stack = $1 AND number <= (\(newest)))
            """, [.integer(stack), .integer(Int64(retention.runsWithIntents - 1))])
        add(
            """
            DELETE FROM runs WHERE stack = $1 AND number <= (\(newest))
                AND id NOT IN (SELECT run FROM intents WHERE stack = $1 AND conclusion IS NULL)
            """, [.integer(stack), .integer(Int64(retention.runsPerStack - 1))])
        // Nobody asks after a commit for longer than a call is tried again.
        add("DELETE FROM commits WHERE made_at < now() - interval '1 hour'", [])
    }
}
