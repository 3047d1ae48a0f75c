internal import PlumbModel

/// Nouns of stacks as the API writes them: keys in snake case, times in RFC 3339.
enum StatusText {
    static func value(_ status: StackStatus) -> Value {
        [
            "stack": .string(status.stack), "repository": .string(status.repository), "folder": .string(status.folder),
            "phase": .string(status.phase.rawValue), "reason": .string(status.reason), "since": time(status.since),
            "revision": text(status.revision), "applied_revision": text(status.appliedRevision),
            "drift_checked_at": time(status.driftCheckedAt), "drift_count": .number(status.driftCount),
            "suspension": status.suspension.map { suspension in
                [
                    "actor": .string(suspension.actor), "reason": .string(suspension.reason),
                    "since": time(suspension.since), "until": time(suspension.until),
                ]
            } ?? .null,
            "pin": status.pin.map { pin in
                [
                    "refused": .string(pin.refused), "actor": .string(pin.actor), "reason": .string(pin.reason),
                    "since": time(pin.since),
                ]
            } ?? .null,
            "lock": status.lock.map { lock in
                [
                    "repository": .string(lock.repository), "number": .number(lock.number), "url": .string(lock.url),
                    "actor": .string(lock.actor), "since": time(lock.since),
                ]
            } ?? .null,
            "pending_plan": text(status.pendingPlan), "failures": .number(status.failures),
            "next_attempt_at": time(status.nextAttemptAt), "worker": text(status.worker),
        ]
    }

    static func value(_ run: RunRecord) -> Value {
        [
            "id": .string(run.id), "kind": .string(run.kind), "trigger": .string(run.trigger),
            "revision": text(run.revision), "actor": .string(run.actor), "started_at": time(run.startedAt),
            "finished_at": time(run.finishedAt), "outcome": .string(run.outcome.rawValue), "summary": text(run.summary),
        ]
    }

    /// What is secret stands in it as null, with `sensitive: true`.
    static func value(_ record: DriftRecord) -> Value {
        let isSecret = record.expected.containsSensitive || record.live.containsSensitive
        return [
            "address": .string(record.address.description), "path": .string(record.path.description),
            "status": .string(record.status.rawValue), "expected": isSecret ? .null : record.expected,
            "live": isSecret ? .null : record.live, "sensitive": .bool(isSecret),
            "fingerprint": .string(record.fingerprint), "first_seen": time(record.firstSeen),
            "last_seen": time(record.lastSeen), "occurrences": .number(record.occurrences),
            "heals": .number(record.heals), "acknowledged_until": time(record.acknowledgedUntil),
            "reason": text(record.reason), "actor": text(record.actor), "written_by": text(record.writer?.name),
            "written_at": time(record.writer?.time),
        ]
    }

    /// Its values stay where they are.
    static func value(_ record: ResourceRecord, driftCount: Int) -> Value {
        let status = record.deposedKey == nil ? record.status.rawValue : "deposed"
        return [
            "address": .string(record.address.description), "provider": .string(record.provider),
            "status": .string(status), "drift_count": .number(driftCount), "protected": .bool(record.isProtected),
            "dependencies": .tuple(record.dependencies.map { .string($0.description) }),
        ]
    }

    private static func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }

    private static func time(_ seconds: Double?) -> Value {
        seconds.map { .string(InstantText.iso($0)) } ?? .null
    }
}
