import PlumbModel
import StateBackendAPI
import StateKeeping

/// Turns one call's changes of one stack into commands of the open transaction.
///
/// The stack's generation is also the generation of each row changed, so a row that is removed and comes back never
/// repeats one. The lease's row, locked by the transaction, keeps others from counting at the same time.
struct StateWriter {
    let lease: Lease
    /// Seconds since 1970 by the database's clock.
    let now: Double
    let retention: Retention
    /// The row of the table `stacks`.
    let stack: Int64
    var generation: Int64
    private(set) var commands: [StateCommand] = []

    init(lease: Lease, now: Double, retention: Retention, stack: Int64, generation: Int64) {
        self.lease = lease
        self.now = now
        self.retention = retention
        self.stack = stack
        self.generation = generation
    }

    mutating func write(_ write: StateWrite) {
        switch write {
        case .beginRun(let run): begin(run)
        case .finishRun(let id, let outcome, let summary, let time):
            finishRun(id, outcome: outcome, summary: summary, at: time)
        case .openIntent(let intent): open(intent)
        case .conclude(let id, let conclusion): conclude(id, conclusion)
        case .put(let record, let run): put(record, run: run)
        case .remove(let address, let deposedKey, let run): remove(address, deposedKey: deposedKey, run: run)
        case .move(let address, let target, let run): move(address, to: target, run: run)
        case .outputs(let outputs): replaceOutputs(outputs)
        case .drift(let records): replaceDrift(records)
        case .holds(let holds): replaceHolds(holds)
        case .applied(let revision):
            generation += 1
            add(
                "UPDATE stacks SET revision = $2 WHERE id = $1", [.integer(stack), .optionalText(revision)],
                counting: generation)
        case .restore(let contents): restore(contents)
        case .markMoved(let place): markMoved(to: place)
        }
    }

    mutating func add(
        _ sql: String, _ parameters: [Parameter], counting generation: Int64? = nil,
        objection: (@Sendable (ResultRows) -> StateBackendError?)? = nil
    ) {
        commands.append(
            StateCommand(command: Command(sql, parameters, objection: objection), generation: generation))
    }

    private mutating func replaceOutputs(_ outputs: [OutputRecord]) {
        generation += 1
        add("DELETE FROM outputs WHERE stack = $1", [.integer(stack)])
        // Without outputs nothing is inserted, and yet they have changed.
        add("SELECT 1 FROM stacks WHERE id = $1", [.integer(stack)], counting: generation)
        for output in outputs { insert(output) }
    }

    mutating func insert(_ output: OutputRecord) {
        add(
            "INSERT INTO outputs (stack, name, value) VALUES ($1, $2, $3)",
            [.integer(stack), .text(output.name), .text(output.value.archived)])
    }
}

/// A command that writes, and the generation that the stack has if it touched a row.
struct StateCommand {
    let command: Command
    let generation: Int64?
}
