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
        _ body: (any StateBackend, Sleeper, LeaseTaking) async throws -> Void
    ) async throws {
        let fixture = try StackFixture()
        let session = try await fixture.session()
        let process = try Sleeper()
        let number = process.number
        let holder = LeaseHolder(user: "bob", host: "here", process: number, life: ProcessLife(of: number))
        _ = try await session.backend.acquireLease(on: "test", holder: holder.leaseName, seconds: -1)
        try await body(session.backend, process, LeaseTaking(backend: session.backend, stack: "test", holder: own))
        process.end()
        await session.close()
    }

    @Test func aLivingHolderKeepsItsStack() async throws {
        try await expired { backend, process, taking in
            let error = await #expect(throws: StateBackendError.self) { try await taking.take(seconds: 30) }
            #expect(error?.code == .leaseHeld)
            #expect(error?.message.contains("is held by bob@here pid \(process.number)") == true)
            #expect(error?.message.contains("plumb state unlock --force") == true)
            let living = try await backend.livingLease(on: "test", seenFrom: own)
            #expect(living != nil)
        }
    }

    @Test func aDeadOneAndOneThatGaveItBackDoNot() async throws {
        try await expired { backend, process, taking in
            process.end()
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

/// A process that does nothing, for a while.
///
/// Foundation's `Process` takes a child for ended only when the children that others start meanwhile have ended too.
private final class Sleeper {
    private(set) var number: pid_t = 0

    struct NotStarted: Error {}

    init() throws {
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&number, "/bin/sleep", nil, nil, &words, environ) == 0 else { throw NotStarted() }
    }

    func end() {
        guard number > 0 else { return }
        kill(number, SIGKILL)
        waitpid(number, nil, 0)
        number = 0
    }

    deinit { end() }
}
