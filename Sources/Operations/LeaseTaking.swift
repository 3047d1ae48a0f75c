internal import PlumbModel
internal import StateBackendAPI

#if canImport(Glibc)
    internal import Glibc
#endif

/// Takes a stack's lease, also from a run of this machine that died without giving it back.
///
/// A dead holder's lease would expire by itself within seconds; on its own machine nobody has to wait for that, since
/// the process can be seen to be gone. The fence rises either way, so a mistake could lose time but no write.
struct LeaseTaking: Sendable {
    let backend: any StateBackend
    let stack: String
    let holder: LeaseHolder

    func take(seconds: Double) async throws(StateBackendError) -> Lease {
        do throws(StateBackendError) {
            return try await backend.acquireLease(on: stack, holder: holder.description, seconds: seconds)
        } catch {
            guard error.code == .leaseHeld, let lease = try await backend.currentLease(on: stack),
                let other = LeaseHolder(parsing: lease.holder), other.isDead(seenFrom: holder)
            else { throw error }
            // Gives back that very lease: if somebody else has taken the stack meanwhile, nothing happens.
            try await backend.release(lease)
            return try await backend.acquireLease(on: stack, holder: holder.description, seconds: seconds)
        }
    }
}

/// Who holds a lease: a process of a machine.
public struct LeaseHolder: Sendable, CustomStringConvertible {
    public let user: String
    public let host: String
    public let process: Int32

    public init(user: String, host: String, process: Int32) {
        self.user = user
        self.host = host
        self.process = process
    }

    /// `user@host pid 4711`
    public var description: String { "\(user)@\(host) pid \(process)" }

    init?(parsing text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let parts = text[text.index(after: at)...].split(separator: " ")
        guard parts.count == 3, parts[1] == "pid", let process = Int32(parts[2]) else { return nil }
        self.init(user: String(text[..<at]), host: String(parts[0]), process: process)
    }

    /// Whether it is a process of the same machine that no longer runs.
    func isDead(seenFrom other: LeaseHolder) -> Bool {
        host == other.host && process != other.process && kill(process, 0) == -1 && errno == ESRCH
    }
}
