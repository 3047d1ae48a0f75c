public import PlumbModel

/// Checks for drift as a JSON document. What is secret stands in it as null, with `sensitive: true`.
///
///     {"format": 1, "exit_code": 2, "stacks": [{
///        "stack", "directory", "revision", "checked_at", "from_records", "recorded", "resources", "in_sync", "exit_code",
///        "drift": [{"address", "path", "status", "mode", "counts", "expected", "live", "sensitive", "fingerprint",
///                   "first_seen", "last_seen", "occurrences", "heals", "acknowledged_until", "reason", "actor",
///                   "written_by", "written_at",
///                   "held_until", "held_because", "remedy", "remedy_reason", "declared_at"}],
///        "unreadable": [{"address", "reason"}],
///        "ended": [{"address", "path", "status"}], "notices": [...], "problems": [{"severity", "summary", "detail"}],
///        "policies": [{"name", "effect", "status", "refuses", "problems"}]}]}
///
/// Times are RFC 3339 in UTC. Keys are added and never change what they say; another meaning gets another `format`.
public struct DriftDocument: Sendable {
    private let checks: [DriftCheck]

    public init(_ checks: [DriftCheck]) { self.checks = checks }

    /// The exit code of all together: an error before drift before being in sync.
    public var exitCode: Int32 {
        let codes = checks.map(\.exitCode)
        return codes.contains(1) ? 1 : codes.contains(2) ? 2 : 0
    }

    public func json() -> String {
        IndentedJSON.text([
            "format": 1, "exit_code": .number(Int(exitCode)), "stacks": .tuple(checks.map(Self.stack)),
        ])
    }

    private static func stack(_ check: DriftCheck) -> Value {
        [
            "stack": .string(check.stack), "directory": .string(check.directory), "revision": optional(check.revision),
            "checked_at": .string(InstantText.iso(check.checkedAt)), "from_records": .bool(check.isFromRecords),
            "recorded": .bool(check.unrecorded == nil), "resources": .number(check.resourceCount),
            "in_sync": .bool(check.exitCode == 0), "exit_code": .number(Int(check.exitCode)),
            "drift": .tuple(check.findings.map(finding)),
            "unreadable": .tuple(
                check.unreadable.map {
                    ["address": .string($0.address.description), "reason": .string($0.reason)]
                }),
            "ended": .tuple(
                check.ended.map {
                    [
                        "address": .string($0.address.description), "path": .string($0.path.description),
                        "status": .string($0.status.rawValue),
                    ]
                }),
            "notices": .tuple((check.notices + (check.unrecorded.map { [$0] } ?? [])).map(Value.string)),
            "policies": .tuple(check.policies.map(PolicyJSON.value)),
            "problems": .tuple(
                check.allProblems.all.map {
                    [
                        "severity": .string($0.severity.rawValue), "summary": .string($0.summary),
                        "detail": .string($0.detail),
                    ]
                }),
        ]
    }

    private static func finding(_ finding: DriftCheck.Finding) -> Value {
        let record = finding.record
        var remedy = "unknown"
        var why: String?
        switch finding.remedy {
        case .update: remedy = "update"
        case .create: remedy = "create"
        case .replace: remedy = "replace"
        case .healed: remedy = "healed"
        case .failed: remedy = "failed"
        case .none(let reason): (remedy, why) = ("none", reason)
        case .unknown: break
        }
        let members =
            DriftRecordDocument.members(of: record) + [
                ("status", .string(finding.remedy == .healed ? "healed" : record.status.rawValue)),
                ("mode", .string(finding.mode.rawValue)), ("counts", .bool(finding.counts)),
                ("held_until", DriftRecordDocument.time(finding.hold?.until)),
                ("held_because", optional(finding.hold?.reason)),
                ("remedy", .string(remedy)), ("remedy_reason", optional(why)),
                ("declared_at", optional(finding.declaredAt.map { "\($0.path):\($0.line)" })),
            ]
        return .object(ValueMap(members))
    }

    private static func optional(_ text: String?) -> Value { DriftRecordDocument.optional(text) }
}
