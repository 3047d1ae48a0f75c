import Applying
import Operations
import PlumbModel
import StackFixtures
import StateBackendAPI
import Synchronization
import Testing

/// What stands in the way of a heal is asked for while the heal has the stack, so that nothing comes between.
struct HealObstacleTests {
    @Test(arguments: [true, false]) func itIsAskedForUnderTheLease(_ isObstructed: Bool) async throws {
        let fixture = try StackFixture(
            "resources: {data_value.d: {spec: {input: x}}, local_file.a: {spec: {filename: a.txt, content: ours}}}",
            stack: "stack: test\nsync: {drift: {mode: heal}}\n")
        try await fixture.apply()
        try fixture.write("a.txt", "theirs")
        let session = try await fixture.session()
        let holders = Mutex<[String?]>([])
        var options = DriftOperation.Options()
        options.heals = true
        options.obstacle = {
            let lease = try? await session.backend.currentLease(on: session.name)
            holders.withLock { $0.append(lease?.holder) }
            return isObstructed ? "Nothing is set back, because somebody has the stack" : nil
        }
        let judge = PolicyJudge(environment: [:]) { _, _ in "" }
        let operation = DriftOperation(session, holder: StackFixture.holder, policies: judge, options: options) { _ in
        } report: { _ in
        }
        let check = try await operation.run()
        let asked = holders.withLock { $0 }
        #expect(asked == ["test@elsewhere.test pid 1"])
        #expect(fixture.read("a.txt") == (isObstructed ? "theirs" : "ours"))
        #expect(check.findings.map(\.remedy) == [isObstructed ? .update : .healed])
        #expect(check.notices.isEmpty == !isObstructed && check.exitCode == (isObstructed ? 2 : 0))
        let lease = try await session.backend.currentLease(on: session.name)
        #expect(lease == nil)
        await session.close()
    }
}
