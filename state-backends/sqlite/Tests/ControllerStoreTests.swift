import Foundation
import PlumbModel
import StateBackendAPI
import StateBackendTesting
import Testing

@testable import SQLiteBackend

@Suite struct ControllerStoreTests {
    @Test(arguments: ControllerStoreConformance.checks)
    func conforms(_ check: ControllerStoreCheck) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("state/state.db")
        try await check.run(
            on: ControllerStorePlace { clock in SQLiteControllerStore(path: path, now: { clock.now }) })
    }

    @Test func aControllerInAnotherProcessHoldsTheFileUntilItIsKilled() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("state.db")
        let dead = SQLiteControllerStore(path: path)
        _ = try await dead.announce(ControllerMember(id: "a", name: "host/4711", version: "1"), seconds: 1_000)
        await dead.close()
        // Another process has what a controller holds, and is killed as the kernel does it.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["flock", "--no-fork", path + ".controller", "sleep", "60"]
        try process.run()
        defer { process.terminate() }
        let store = SQLiteControllerStore(path: path)
        let member = ControllerMember(id: "b", name: "host/4712", version: "1")
        let end = ContinuousClock.now + .seconds(20)
        while try !isLocked(path + ".controller"), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        var refusal: StateBackendError?
        do throws(StateBackendError) {
            _ = try await store.announce(member, seconds: 10)
        } catch {
            refusal = error
        }
        #expect(refusal?.message.contains("host/4711") == true)
        #expect(refusal?.code == .leaseHeld)
        #expect(refusal?.message.contains("is for one controller: end that one first") == true)
        kill(process.processIdentifier, SIGKILL)
        while try isLocked(path + ".controller"), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await store.announce(member, seconds: 10) == [member])
        await store.close()
    }

    private func isLocked(_ path: String) throws -> Bool {
        let lock = ControllerLock(besides: String(path.dropLast(".controller".count)))
        defer { lock.release() }
        return try lock.take() == .anotherController
    }

    @Test func whatAnotherProcessWritesIsHeardOf() async throws {
        let state = try StateFixture()
        let store = SQLiteControllerStore(path: state.path)
        _ = try await store.write("a", of: "status", key: "web", replacing: nil)
        let seen = try await store.awaitChange(since: 0, seconds: 5)
        let waiting = Task { try await store.awaitChange(since: seen, seconds: 30) }
        try state.tamper("UPDATE controller_changes SET number = number + 1")
        let start = ContinuousClock.now
        #expect(try await waiting.value != seen)
        #expect(ContinuousClock.now - start < .seconds(5))
        await store.close()
    }

    @Test func theStatesOfTheSameFileAreUsedBesides() async throws {
        let state = try StateFixture()
        let (backend, store) = (state.backend(), SQLiteControllerStore(path: state.path))
        let lease = try await backend.acquireLease(on: "web", holder: "tester", seconds: 60)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { try await backend.commit([.put(state.record("r\(number)"), run: "r")], under: lease) }
                group.addTask {
                    let entry = ControllerLogEntry(log: "events", subject: "web", time: 1, text: "\(number)")
                    try await store.append([entry])
                }
            }
            try await group.waitForAll()
        }
        #expect(try await backend.snapshot(of: "web").resources.count == 40)
        #expect(try await store.entries(of: "events", subject: nil, after: nil, limit: 99).count == 40)
        await store.close()
        await backend.close()
    }
}
