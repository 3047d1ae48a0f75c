internal import PlumbModel

#if canImport(Glibc)
    internal import Glibc
#endif

/// Who holds a lease: a process of a machine.
public struct LeaseHolder: Sendable, Hashable, CustomStringConvertible {
    public let user: String
    public let host: String
    public let process: Int32
    /// Nil where it cannot be told, and for holders that earlier versions wrote down.
    let life: ProcessLife?
    /// Whether it has the stack for the moment of one commit, for which everybody waits.
    private(set) var isBrief = false

    public init(user: String, host: String, process: Int32) {
        self.init(user: user, host: host, process: process, life: nil)
    }

    init(user: String, host: String, process: Int32, life: ProcessLife?) {
        self.user = user
        self.host = host
        self.process = process
        self.life = life
    }

    /// The process that asks.
    public static func current(user: String, host: String) -> LeaseHolder {
        LeaseHolder(user: user, host: host, process: getpid(), life: ProcessLife(of: getpid()))
    }

    /// For people: `user@host pid 4711`.
    public var description: String { "\(user)@\(host) pid \(process)" }

    /// What a lease is written down with: `user@host pid 4711 (5c1e0b9e8a2f/4026531836/8123)`, and `briefly` behind it.
    var leaseName: String {
        (life.map { "\(self) (\($0))" } ?? description) + (isBrief ? " \(Self.brief)" : "")
    }

    /// The same, as it takes a stack for one commit.
    var forOneCommit: LeaseHolder {
        var holder = self
        holder.isBrief = true
        return holder
    }

    private static let brief = "briefly"

    /// Reads what `leaseName` writes, also without what earlier versions did not write.
    init?(parsing text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        var parts = text[text.index(after: at)...].split(separator: " ")
        let isBrief = parts.last.map { $0 == Self.brief } ?? false
        if isBrief { parts.removeLast() }
        guard (3...4).contains(parts.count), parts[1] == "pid", let process = Int32(parts[2]) else { return nil }
        let life = parts.count == 4 ? ProcessLife(parsing: parts[3].dropFirst().dropLast()) : nil
        self.init(user: String(text[..<at]), host: String(parts[0]), process: process, life: life)
        self.isBrief = isBrief
    }

    /// Whether it is a process of the same machine that no longer runs. What cannot be told for certain counts as alive:
    /// then the lease expires by itself.
    func isDead(seenFrom other: LeaseHolder) -> Bool {
        guard host == other.host, let life, let own = other.life, life.isOfTheSameMachine(as: own) else { return false }
        if kill(process, 0) == -1 && errno == ESRCH { return true }
        // The number of a dead process may have been given to another one.
        guard let now = ProcessLife(of: process) else { return false }
        return now.hasEnded || now.start != life.start
    }

    /// Whether it is another process of the same machine that still runs. What cannot be told for certain counts as no.
    func isAlive(seenFrom other: LeaseHolder) -> Bool {
        guard host == other.host, process != other.process, let life, let own = other.life,
            life.isOfTheSameMachine(as: own), let now = ProcessLife(of: process)
        else { return false }
        return !now.hasEnded && now.start == life.start
    }
}

/// Tells a process from every other one that has, had, or will have its number: on another machine of the same name, in
/// another container of this one, before or after a reboot.
struct ProcessLife: Sendable, Hashable, CustomStringConvertible {
    /// Of the kernel that runs it: the first digits of a random number of each boot.
    private let boot: String
    /// The space in which its number is unique: each container has its own.
    private let space: String
    /// When it was started, in clock ticks since the boot.
    let start: UInt64
    /// Nobody has asked yet how it ended.
    let hasEnded: Bool

    /// Nil where the system does not tell (there is no /proc, or it hides the process).
    init?(of process: Int32) {
        guard let boot = Self.read("/proc/sys/kernel/random/boot_id"), let space = Self.link("/proc/self/ns/pid"),
            let status = Self.read("/proc/\(process)/stat"),
            // The name of the program stands in parentheses, and may have anything in it.
            let name = status.lastIndex(of: ")")
        else { return nil }
        let fields = status[status.index(after: name)...].split(separator: " ")
        guard fields.count > 19, let start = UInt64(fields[19]) else { return nil }
        self.boot = String(boot.filter(\.isHexDigit).prefix(12))
        self.space = space.filter { ("0"..."9").contains($0) }
        self.start = start
        hasEnded = fields[0] == "Z" || fields[0] == "X"
    }

    init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: "/")
        guard parts.count == 3, let start = UInt64(parts[2]) else { return nil }
        boot = String(parts[0])
        space = String(parts[1])
        self.start = start
        hasEnded = false
    }

    /// `5c1e0b9e8a2f/4026531836/8123`
    var description: String { "\(boot)/\(space)/\(start)" }

    func isOfTheSameMachine(as other: ProcessLife) -> Bool { boot == other.boot && space == other.space }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private static func link(_ path: String) -> String? {
        let bytes = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) { text in
                count = text.baseAddress.map { max(0, readlink(path, $0, text.count)) } ?? 0
            }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
