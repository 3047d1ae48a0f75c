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

/// Whoever has a stack for one commit is waited for by everybody, and nobody else is.
struct BriefLeaseTests {
    private static let other = LeaseHolder(user: "bob", host: "there", process: 4711)

    private func taking(
        _ holder: LeaseHolder, _ body: (LeaseTaking, Lease) async throws -> Void
    ) async throws {
        let fixture = try StackFixture()
        let session = try await fixture.session()
        let lease = try await session.backend.acquireLease(on: "test", holder: holder.leaseName, seconds: 600)
        try await body(LeaseTaking(backend: session.backend, stack: "test", holder: StackFixture.holder), lease)
        await session.close()
    }

    @Test func itIsWaitedForUnasked() async throws {
        try await taking(Self.other.forOneCommit) { taking, lease in
            var taking = taking
            // Ended by the release, however busy the machine is.
            taking.briefPatience = 600
            let (patient, backend) = (taking, taking.backend)
            let (told, telling) = AsyncStream.makeStream(of: String.self)
            async let mine = patient.take(seconds: 30, patience: 0) { telling.yield($0) }
            // It is told of what takes longer than a moment.
            var names = told.makeAsyncIterator()
            #expect(await names.next() == "bob@there pid 4711")
            try await backend.release(lease)
            #expect(try await mine.holder == StackFixture.holder.leaseName)
        }
    }

    @Test func itIsNotWaitedForForEver() async throws {
        try await taking(Self.other.forOneCommit) { taking, _ in
            var taking = taking
            taking.briefPatience = 0.3
            let error = await #expect(throws: StateBackendError.self) { [taking] in
                try await taking.take(seconds: 30, patience: 0)
            }
            #expect(error?.code == .leaseHeld)
        }
    }

    @Test func whoAppliesIsNotWaitedFor() async throws {
        try await taking(Self.other) { taking, _ in
            var taking = taking
            taking.briefPatience = 600
            let error = await #expect(throws: StateBackendError.self) { [taking] in
                try await taking.take(seconds: 30, patience: 0) { _ in Issue.record("it waits") }
            }
            #expect(error?.code == .leaseHeld)
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
