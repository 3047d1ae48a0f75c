internal import PlumbModel

/// A state as a JSON text: what `plumb state pull` and `backup` write and `push` reads. Secrets in it stay sealed.
///
/// Values stand in it as in the state's rows: JSON with the tag `$plumb` for what JSON cannot say.
enum StateDocument {
    static let format = 1

    /// One row, change or run a line, so that two documents can be compared line by line.
    static func text(_ contents: StateContents) -> String {
        var text = "{\n"
        text += "\"plumbline_state\": \(format),\n"
        text += "\"stack\": \(string(contents.stack)),\n"
        text += "\"lineage\": \(string(contents.lineage)),\n"
        text += "\"generation\": \(contents.generation),\n"
        text += "\"revision\": \(contents.revision.map(string) ?? "null"),\n"
        let resources = contents.resources.sorted {
            ($0.address, $0.deposedKey ?? "") < ($1.address, $1.deposedKey ?? "")
        }
        text += list("resources", resources.map(value)) + ",\n"
        text += list("outputs", contents.outputs.map(value)) + ",\n"
        text += list("open_intents", contents.openIntents.map(value)) + ",\n"
        text += list("drift", contents.drift.map(value)) + ",\n"
        text += list("holds", contents.holds.map(value)) + ",\n"
        text += list("history", contents.history.map(value)) + ",\n"
        text += list("runs", contents.runs.map(value)) + "\n}\n"
        return text
    }

    private static func list(_ name: String, _ values: [Value]) -> String {
        guard !values.isEmpty else { return "\"\(name)\": []" }
        return "\"\(name)\": [\n" + values.map { "  " + $0.archived }.joined(separator: ",\n") + "\n]"
    }

    private static func string(_ text: String) -> String { Value.string(text).json }

    // MARK: - Writing

    private static func value(_ record: ResourceRecord) -> Value {
        object(
            [
                ("address", .string(record.address.description)), ("deposed_key", optional(record.deposedKey)),
                ("provider", .string(record.provider)), ("values", record.values),
                ("private_data", optional(record.privateData)), ("status", .string(record.status.rawValue)),
                ("generation", .number(Int(record.generation))),
            ] + parts(record.bookkeeping))
    }

    private static func value(_ output: OutputRecord) -> Value {
        object([("name", .string(output.name)), ("value", output.value)])
    }

    private static func value(_ intent: Intent) -> Value {
        object(
            [
                ("id", .string(intent.id)), ("run", .string(intent.run)),
                ("address", .string(intent.address.description)),
                ("deposed_key", optional(intent.deposedKey)), ("provider", .string(intent.provider)),
                ("action", .string(intent.action.rawValue)), ("planned", wrapped(intent.planned)),
                ("prior", wrapped(intent.prior)), ("private_data", optional(intent.privateData)),
            ] + parts(intent.bookkeeping))
    }

    private static func value(_ entry: HistoryEntry) -> Value {
        object([
            ("address", .string(entry.address.description)), ("deposed_key", optional(entry.deposedKey)),
            ("generation", .number(Int(entry.generation))), ("run", optional(entry.run)),
            ("changed_at", .number(Number(entry.changedAt))), ("before", wrapped(entry.before)),
            ("after", wrapped(entry.after)), ("moved_from", optional(entry.movedFrom?.description)),
        ])
    }

    private static func value(_ run: RunRecord) -> Value {
        object([
            ("id", .string(run.id)), ("kind", .string(run.kind)), ("trigger", .string(run.trigger)),
            ("revision", optional(run.revision)), ("actor", .string(run.actor)),
            ("started_at", .number(Number(run.startedAt))),
            ("finished_at", run.finishedAt.map { .number(Number($0)) } ?? .null),
            ("outcome", .string(run.outcome.rawValue)), ("summary", optional(run.summary)),
        ])
    }

    private static func value(_ record: DriftRecord) -> Value {
        object([
            ("address", .string(record.address.description)), ("path", .string(record.path.description)),
            ("fingerprint", .string(record.fingerprint)), ("expected", record.expected), ("live", record.live),
            ("first_seen", .number(Number(record.firstSeen))), ("last_seen", .number(Number(record.lastSeen))),
            ("occurrences", .number(record.occurrences)), ("status", .string(record.status.rawValue)),
            ("heals", .number(record.heals)),
            ("acknowledged_until", record.acknowledgedUntil.map { .number(Number($0)) } ?? .null),
            ("reason", optional(record.reason)), ("actor", optional(record.actor)),
            ("writer", optional(record.writer?.name)),
            ("written_at", record.writer?.time.map { .number(Number($0)) } ?? .null),
        ])
    }

    private static func value(_ hold: HoldRecord) -> Value {
        object([
            ("address", .string(hold.address)), ("reason", .string(hold.reason)),
            ("placed_by", .string(hold.placedBy)), ("placed_at", .number(Number(hold.placedAt))),
            ("until", hold.until.map { .number(Number($0)) } ?? .null),
        ])
    }

    private static func parts(_ bookkeeping: Bookkeeping) -> [(String, Value)] {
        [
            ("dependencies", .tuple(bookkeeping.dependencies.map { .string($0.description) })),
            ("is_protected", .bool(bookkeeping.isProtected)),
            ("creates_before_destroy", .bool(bookkeeping.createsBeforeDestroy)),
        ]
    }

    private static func object(_ pairs: [(String, Value)]) -> Value { .object(ValueMap(pairs)) }

    private static func optional(_ text: String?) -> Value { text.map(Value.string) ?? .null }

    /// In a list of its own: a value that is null is something else than none.
    private static func wrapped(_ value: Value?) -> Value { value.map { .tuple([$0]) } ?? .null }
}
