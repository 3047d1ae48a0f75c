import Foundation
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

@testable import Operations

/// Who gets a stack's lease when the last one has expired: the clock alone does not decide.
struct LeaseTakingTests {
    private let own = LeaseHolder.current(user: "ada", host: "here")

    /// A process of this machine holds a lease that has run out.
    private func expired(
        _ body: (any StateBackend, Process, LeaseTaking) async throws -> Void
    ) async throws {
        let fixture = try StackFixture()
        let session = try await fixture.session()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = ["60"]
        try process.run()
        let number = process.processIdentifier
        let holder = LeaseHolder(user: "bob", host: "here", process: number, life: ProcessLife(of: number))
        _ = try await session.backend.acquireLease(on: "test", holder: holder.leaseName, seconds: -1)
        try await body(session.backend, process, LeaseTaking(backend: session.backend, stack: "test", holder: own))
        process.terminate()
        process.waitUntilExit()
        await session.close()
    }

    @Test func aLivingHolderKeepsItsStack() async throws {
        try await expired { backend, process, taking in
            let error = await #expect(throws: StateBackendError.self) { try await taking.take(seconds: 30) }
            #expect(error?.code == .leaseHeld)
            #expect(error?.message.contains("is held by bob@here pid \(process.processIdentifier)") == true)
            #expect(error?.message.contains("plumb state unlock --force") == true)
            let living = try await backend.livingLease(on: "test", seenFrom: own)
            #expect(living != nil)
        }
    }

    @Test func aDeadOneAndOneThatGaveItBackDoNot() async throws {
        try await expired { backend, process, taking in
            process.terminate()
            process.waitUntilExit()
            let living = try await backend.livingLease(on: "test", seenFrom: own)
            #expect(living == nil)
            let lease = try await taking.take(seconds: -1)
            try await backend.release(lease)
            _ = try await taking.take(seconds: 30)
        }
    }

    @Test func whoCannotBeSeenLosesAnExpiredLease() async throws {
        try await expired { _, _, taking in
            let elsewhere = LeaseTaking(backend: taking.backend, stack: "test", holder: StackFixture.holder)
            _ = try await elsewhere.take(seconds: 30)
        }
    }
}
