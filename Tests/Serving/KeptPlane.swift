import PlumbModel
import Reconciling
import StateBackendAPI
import Synchronization

/// Stands for the reconciler: stacks are records of the store, and what it is told is noted there.
final class KeptPlane: ControlPlane {
    private let store: any ControllerStore
    private let obstacle = Mutex<String?>(nil)
    private let changed = Mutex<[[String]]>([])
    private let taken = Mutex<[ControlCommand]>([])
    private let working = Mutex(false)

    init(_ store: any ControllerStore) { self.store = store }

    /// The URLs of each call.
    var repositoryChanges: [[String]] { changed.withLock { $0 } }
    var commands: [ControlCommand] { taken.withLock { $0 } }

    func impede(_ reason: String?) { obstacle.withLock { $0 = reason } }

    func add(_ stack: String, phase: StackStatus.Phase = .converged, pendingPlan: String? = nil) async throws {
        let text = "\(phase.rawValue) \(pendingPlan ?? "")"
        let record = try await store.record(of: "status", key: stack)
        _ = try await store.write(text, of: "status", key: stack, replacing: record?.version)
    }

    func tell(_ stack: String, _ message: String) async throws {
        let event: Value = [
            "kind": "phase", "message": .string(message), "stack": .string(stack), "repository": "specs",
            "phase": "converged", "reason": "at revision 0123456789ab", "revision": .null, "applied_revision": .null,
            "time": .string(InstantText.iso(1_800_000_000)),
        ]
        try await store.append([
            ControllerLogEntry(log: "events", subject: stack, time: 1_800_000_000, text: event.json)
        ])
    }

    func stacks() async throws(Diagnostics) -> [StackStatus] {
        try await kept { () async throws(StateBackendError) in try await self.store.records(of: "status") }
            .map(KeptPlane.status)
    }

    func status(of stack: String) async throws(Diagnostics) -> StackStatus? {
        try await kept { () async throws(StateBackendError) in try await self.store.record(of: "status", key: stack) }
            .map(KeptPlane.status)
    }

    func runs(of stack: String, limit: Int) async throws(Diagnostics) -> [RunRecord] {
        (0..<min(limit, 3)).map { number in
            RunRecord(
                id: "run-\(number)", kind: "apply", trigger: "webhook", revision: "abc", actor: "controller",
                startedAt: 1_800_000_000, outcome: .succeeded, summary: "1 added <b>&</b>")
        }
    }

    func plan(of stack: String) async throws(Diagnostics) -> (digest: String, document: String)? {
        stack == "unplanned" ? nil : ("d1", #"{"format": 1, "changes": []}"#)
    }

    func drift(of stack: String) async throws(Diagnostics) -> [DriftRecord] {
        [
            DriftRecord(
                address: ResourceAddress("sample_thing", "a"), path: AttributePath([]), fingerprint: "f",
                expected: Value.string("old password").sensitive(), live: "new password", firstSeen: 1_800_000_000,
                lastSeen: 1_800_000_001)
        ]
    }

    func resources(of stack: String) async throws(Diagnostics) -> [ResourceRecord] {
        let (first, second) = (ResourceAddress("sample_thing", "a"), ResourceAddress("sample_thing", "b"))
        return [
            ResourceRecord(address: first, provider: "sample", values: ["password": .string("old password")]),
            ResourceRecord(
                address: second, provider: "sample", values: [:], bookkeeping: Bookkeeping(dependencies: [first]),
                status: .tainted),
        ]
    }

    /// Whether a command that takes its time has come.
    var isAtWork: Bool { working.withLock { $0 } }

    func perform(_ command: ControlCommand) async throws(Diagnostics) {
        if case .approve(let digest) = command.action {
            let status = try await status(of: command.stack)
            guard status?.pendingPlan == digest else {
                throw Diagnostics(
                    .error(
                        "Another plan waits", "The plan that waits is \(status?.pendingPlan ?? "none"), not \(digest).")
                )
            }
        }
        if command.reason == "slowly" {
            working.withLock { $0 = true }
            do { try await Task.sleep(for: .seconds(1)) } catch {
                throw Diagnostics(.error("Cut off", "It was cut off."))
            }
        }
        taken.withLock { $0.append(command) }
        _ = try await kept { () async throws(StateBackendError) in
            try await self.store.append([
                ControllerLogEntry(
                    log: AuditEntry.log, subject: command.stack, time: 1_800_000_000,
                    text: AuditEntry(command, .accepted).json)
            ])
        }
    }

    func repositoryChanged(_ urls: [String]) async -> [String] {
        changed.withLock { $0.append(urls) }
        return urls.contains { $0.contains("specs") } ? ["specs"] : []
    }

    func pullRequestChanged(_ number: Int, in urls: [String]) async -> [String] {
        changed.withLock { $0.append(urls + ["#\(number)"]) }
        return urls.contains { $0.contains("specs") } ? ["specs"] : []
    }

    func impediment() async -> String? { obstacle.withLock { $0 } }

    func measurements() async -> [Measurement] {
        [
            Measurement(
                name: "plumb_stacks", kind: .gauge, help: "Stacks\nby \\ phase.",
                labels: ["phase": "conver\"ged\"", "path": "a\\b\nc"], value: 2),
            Measurement(name: "plumb_idle_seconds", kind: .gauge, help: "Idle.", value: .infinity),
        ]
    }

    private func kept<Found>(_ body: () async throws(StateBackendError) -> Found) async throws(Diagnostics) -> Found {
        do throws(StateBackendError) {
            return try await body()
        } catch {
            throw Diagnostics(.error("The store cannot be read", error.message))
        }
    }

    private static func status(_ record: ControllerRecord) -> StackStatus {
        let words = record.text.split(separator: " ")
        var status = StackStatus(stack: record.key, repository: "specs", folder: "stacks/\(record.key)")
        status.phase = words.first.flatMap { StackStatus.Phase(rawValue: String($0)) } ?? .pending
        status.reason = "The newest revision is applied."
        status.since = 1_800_000_000
        status.revision = "abc"
        status.pendingPlan = words.count > 1 ? String(words[1]) : nil
        return status
    }
}
