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
        _ holder: LeaseHolder, patience: Double, _ body: (LeaseTaking, Lease) async throws -> Void
    ) async throws {
        let fixture = try StackFixture()
        let session = try await fixture.session()
        let lease = try await session.backend.acquireLease(on: "test", holder: holder.leaseName, seconds: 600)
        let taking = LeaseTaking(
            backend: session.backend, stack: "test", holder: StackFixture.holder, briefPatience: patience)
        try await body(taking, lease)
        await session.close()
    }

    @Test func itIsWaitedForUnasked() async throws {
        // The wait ends by the release, however busy the machine is.
        try await taking(Self.other.forOneCommit, patience: 600) { taking, lease in
            let (told, telling) = AsyncStream.makeStream(of: String.self)
            let mine = Task { try await taking.take(seconds: 30, patience: 0) { telling.yield($0) } }
            // What takes longer than a moment is told of.
            var names = told.makeAsyncIterator()
            let name = await names.next()
            #expect(name == "bob@there pid 4711")
            try await taking.backend.release(lease)
            let taken = try await mine.value
            #expect(taken.holder == StackFixture.holder.leaseName)
        }
    }

    /// A commit that hangs is not waited for for ever, and whoever applies not at all.
    @Test(arguments: [true, false]) func allElseIsRefused(_ isBrief: Bool) async throws {
        let holder = isBrief ? Self.other.forOneCommit : Self.other
        try await taking(holder, patience: isBrief ? 0.3 : 600) { taking, _ in
            let error = await #expect(throws: StateBackendError.self) {
                try await taking.take(seconds: 30, patience: 0)
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
