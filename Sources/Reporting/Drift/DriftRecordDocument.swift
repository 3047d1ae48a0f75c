public import PlumbModel

/// The records of drift and the holds as a JSON document. What is secret stands in it as null, with `sensitive: true`.
///
///     {"format": 1,
///      "drift": [{"address", "path", "status", "expected", "live", "sensitive", "fingerprint", "first_seen", "last_seen",
///                 "occurrences", "heals", "acknowledged_until", "reason", "actor", "written_by", "written_at"}],
///      "holds": [{"address", "until", "reason", "placed_by", "placed_at", "active"}]}
///
/// The address of a hold is empty for the whole stack. Times are RFC 3339 in UTC. Keys are added and never change what they
/// say; another meaning gets another `format`.
public struct DriftRecordDocument: Sendable {
    private let records: [DriftRecord]?
    private let holds: [HoldRecord]
    private let now: Double

    /// - Parameters:
    ///   - records: nil where the holds alone are asked for.
    ///   - now: seconds since 1970.
    public init(_ records: [DriftRecord]?, _ holds: [HoldRecord], at now: Double) {
        self.records = records
        self.holds = holds
        self.now = now
    }

    public func json() -> String {
        var map: ValueMap = ["format": 1, "holds": .tuple(holds.map(hold))]
        if let records { map["drift"] = .tuple(records.map { .object(ValueMap(Self.members(of: $0))) }) }
        return IndentedJSON.text(.object(map))
    }

    private func hold(_ hold: HoldRecord) -> Value {
        [
            "address": .string(hold.address), "until": Self.time(hold.until), "reason": .string(hold.reason),
            "placed_by": .string(hold.placedBy), "placed_at": Self.time(hold.placedAt),
            "active": .bool(hold.isActive(at: now)),
        ]
    }

    /// What every document says of a record.
    static func members(of record: DriftRecord) -> [(String, Value)] {
        let isSecret = record.expected.containsSensitive || record.live.containsSensitive
        return [
            ("address", .string(record.address.description)), ("path", .string(record.path.description)),
            ("status", .string(record.status.rawValue)), ("expected", isSecret ? .null : record.expected),
            ("live", isSecret ? .null : record.live), ("sensitive", .bool(isSecret)),
            ("fingerprint", .string(record.fingerprint)), ("first_seen", time(record.firstSeen)),
            ("last_seen", time(record.lastSeen)), ("occurrences", .number(record.occurrences)),
            ("heals", .number(record.heals)), ("acknowledged_until", time(record.acknowledgedUntil)),
            ("reason", optional(record.reason)), ("actor", optional(record.actor)),
            ("written_by", optional(record.writer?.name)), ("written_at", time(record.writer?.time)),
        ]
    }

    static func optional(_ text: String?) -> Value { text.map(Value.string) ?? .null }

    static func time(_ seconds: Double?) -> Value { seconds.map { .string(InstantText.iso($0)) } ?? .null }
}
