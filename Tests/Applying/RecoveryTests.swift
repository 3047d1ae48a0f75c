import Planning
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

/// Intents that a killed run left open: every action, whether it had happened or not.
struct RecoveryTests {
    private let run = RunRecord(
        id: "killed", kind: "apply", trigger: "cli", revision: nil, actor: "other", startedAt: 1)

    private static func spec(_ file: String = "a.txt", _ content: String = "x", _ lifecycle: String = "{}") -> String {
        "resources:\n  local_file.a:\n    lifecycle: \(lifecycle)\n    spec: {filename: \(file), content: \(content)}\n"
    }

    private func intent(
        _ fixture: StackFixture, _ plan: Plan, _ action: Intent.Action, deposed: String? = nil
    ) async throws -> Intent {
        let change = try #require(plan.changes.first)
        return Intent(
            id: "0123abcd-0000-4000-8000-000000000000", run: "killed", address: change.address, deposedKey: deposed,
            provider: change.provider, action: action, planned: action == .delete ? nil : change.after,
            prior: action == .create ? nil : change.before, bookkeeping: change.bookkeeping)
    }

    private func kill(_ fixture: StackFixture, with intent: Intent) async throws {
        try await fixture.commit([.beginRun(run), .openIntent(intent)])
    }

    private func converges(_ fixture: StackFixture, _ expected: [PlannedRecovery.Finding?]) async throws -> Plan {
        let plan = try await fixture.plan()
        for (recovery, finding) in zip(plan.recoveries, expected) {
            if let finding {
                #expect(recovery.finding == finding)
            } else {
                if case .adopt = recovery.finding {} else { Issue.record("\(recovery.finding) is no adoption") }
            }
        }
        #expect(plan.recoveries.count == expected.count)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.snapshot().openIntents.isEmpty)
        let next = try await fixture.plan()
        #expect(next.isEmpty && next.rewrites.isEmpty)
        return plan
    }

    @Test(arguments: [true, false]) func creation(_ happened: Bool) async throws {
        let fixture = try StackFixture(Self.spec())
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .create))
        if happened { try fixture.write("a.txt", "x") }
        let plan = try await converges(fixture, happened ? [nil] : [.conclude])
        #expect(plan.summary == (happened ? [] : ["create local_file.a"]))
        #expect(fixture.read("a.txt") == "x")
    }

    @Test(arguments: [true, false]) func update(_ happened: Bool) async throws {
        let fixture = try StackFixture(Self.spec())
        try await fixture.apply()
        try fixture.spec(Self.spec("a.txt", "y"))
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .update))
        if happened { try fixture.write("a.txt", "y") }
        let plan = try await converges(fixture, [nil])
        #expect(plan.summary == (happened ? [] : ["update local_file.a"]))
        #expect(fixture.read("a.txt") == "y")
    }

    @Test(arguments: [true, false]) func deletion(_ happened: Bool) async throws {
        let fixture = try StackFixture(Self.spec())
        try await fixture.apply()
        try fixture.spec("")
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .delete))
        if happened { try fixture.remove("a.txt") }
        let plan = try await converges(fixture, [happened ? .conclude : nil])
        #expect(plan.summary == (happened ? [] : ["delete local_file.a"]))
        #expect(fixture.read("a.txt") == nil)
        #expect(try await fixture.snapshot().resources.isEmpty)
    }

    @Test(arguments: [true, false]) func replacementThatCreatesFirst(_ happened: Bool) async throws {
        let lifecycle = "{create_before_destroy: true}"
        let fixture = try StackFixture(Self.spec("a.txt", "x", lifecycle))
        try await fixture.apply()
        try fixture.spec(Self.spec("b.txt", "x", lifecycle))
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .create))
        if happened { try fixture.write("b.txt", "x") }
        let plan = try await converges(fixture, happened ? [nil] : [.conclude])
        #expect(plan.summary == [happened ? "delete local_file.a (0123abcd)" : "replace, create first local_file.a"])
        #expect(fixture.read("a.txt") == nil && fixture.read("b.txt") == "x")
        #expect(try await fixture.snapshot().resources.count == 1)
    }

    @Test(arguments: [true, false]) func deletionOfADeposedInstance(_ happened: Bool) async throws {
        let fixture = try StackFixture(Self.spec())
        try await fixture.apply()
        var old = try #require(try await fixture.record("local_file.a"))
        old.deposedKey = "ffff0000"
        old.values = old.values.asMap.map { .object($0.merging(ValueMap([("filename", "old.txt")]))) } ?? .null
        try fixture.write("old.txt", "x")
        try await fixture.commit([.put(old, run: "other")])
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .delete, deposed: "ffff0000"))
        if happened { try fixture.remove("old.txt") }
        _ = try await converges(fixture, [happened ? .conclude : nil])
        #expect(fixture.read("a.txt") == "x" && fixture.read("old.txt") == nil)
        #expect(try await fixture.snapshot().resources.map(\.deposedKey) == [nil])
    }

    @Test func aPlanThatDoesNotKnowOfAnInterruptionIsStale() async throws {
        let fixture = try StackFixture(Self.spec())
        let plan = try await fixture.plan()
        try await kill(fixture, with: try await intent(fixture, plan, .create))
        let found = try await problems { try await fixture.apply(plan) }
        #expect(found.all.map(\.summary) == ["Plan is stale"])
    }

    @Test func adoptedValuesAreSeenByWhatWaitsForThem() async throws {
        let fixture = try StackFixture(
            Self.spec() + """
                  random_uuid.later: {}
                  data_value.b: {spec: {input: "${local_file.a.content}-${random_uuid.later.result}"}}
                outputs:
                  it: {value: "${local_file.a.content}${substr(random_uuid.later.result, 0, 0)}"}
                """)
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .create))
        try fixture.write("a.txt", "x")
        _ = try await converges(fixture, [nil])
        #expect(try await fixture.output("it") == "x")
    }

    @Test func aFileThatMayBeOverwrittenHoldsNobodyUp() async throws {
        let fixture = try StackFixture(
            "resources: {local_file.a: {spec: {filename: a.txt, content: ours, overwrite: true}}}\n")
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .create))
        try fixture.write("a.txt", "theirs")
        _ = try await converges(fixture, [.conclude])
        #expect(fixture.read("a.txt") == "ours")
    }

    // MARK: - What nothing outside can tell

    private static let commands = "stack: test\nproviders: {builtin: {allow_commands: true}}\n"

    private static func command(repeatable: Bool) -> String {
        "resources: {command.a: {spec: {create: \"echo x >> log\", repeatable: \(repeatable)}}}\n"
    }

    @Test func aCommandThatMayHaveRunIsHeldUntilSomebodyDecides() async throws {
        let fixture = try StackFixture(Self.command(repeatable: false), stack: Self.commands)
        let intent = try await intent(fixture, try await fixture.plan(), .create)
        try await kill(fixture, with: intent)
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.map(\.summary) == ["Resource held"])
        #expect(found.all.first?.detail.contains("plumb state rm --interrupted 'command.a'") == true)
        #expect(try await fixture.plan(PlanOptions(excludes: [AddressPattern("command.a")])).isEmpty)
        try await fixture.commit([.conclude(intent: intent.id, .absent)])
        try await fixture.apply()
        #expect(fixture.read("log") == "x\n")
    }

    @Test func aRepeatableCommandRunsAgain() async throws {
        let fixture = try StackFixture(Self.command(repeatable: true), stack: Self.commands)
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .create))
        _ = try await converges(fixture, [.conclude])
        #expect(fixture.read("log") == "x\n")
    }

    @Test func theWaitOfADestructionIsMadeAgain() async throws {
        let fixture = try StackFixture("resources: {time_sleep.a: {spec: {destroy_duration: 1ms}}}\n")
        try await fixture.apply()
        try fixture.spec("")
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .delete))
        let plan = try await converges(fixture, [nil])
        #expect(plan.summary == ["delete time_sleep.a"])
    }

    // MARK: - Secrets

    /// The old content is still there, so it is as secret as it was, though the new one would not be.
    @Test(arguments: ["local_file.a", "data_value.a"])
    func whatHasNotBecomePublicYetStaysSecret(_ address: String) async throws {
        func spec(_ value: String) -> String {
            let attributes = address.hasPrefix("local") ? "filename: a.txt, content: \(value)" : "input: \(value)"
            return """
                variables: {secret: {type: string, default: open sesame, sensitive: true}}
                resources: {\(address): {spec: {\(attributes)}}}
                """
        }
        let fixture = try StackFixture(spec("'${var.secret}'"))
        try await fixture.apply()
        try fixture.spec(spec("public"))
        try await kill(fixture, with: try await intent(fixture, try await fixture.plan(), .update))
        let recovery = try #require(try await fixture.plan().recoveries.first)
        guard case .adopt(let values) = recovery.finding else {
            Issue.record("\(recovery.finding) is no adoption")
            return
        }
        let name = address.hasPrefix("local") ? "content" : "input"
        #expect(values[key: name]?.isSensitive == true && values[key: name]?.asString == "open sesame")
        try await fixture.apply()
        #expect(try await fixture.record(address)?.values[key: name]?.isSensitive == false)
        #expect(try await fixture.plan().isEmpty)
    }
}
