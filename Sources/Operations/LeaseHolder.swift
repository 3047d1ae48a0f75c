#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Who holds a lease, as a text for people that also lets the same machine see whether its process still lives:
/// `alice@web1 pid 4711 [3f2a9c51]`.
///
/// The brackets name the running kernel, and the process namespace where it is not the machine's own, because two
/// machines or containers may have the same name. A killed process cannot give its lease back; without this, the next
/// run would have to wait until the lease expires.
struct LeaseHolder: CustomStringConvertible {
    let description: String
    private let pid: pid_t?
    private let place: String?

    /// This process, on behalf of an actor.
    init(actor: String) {
        pid = getpid()
        place = Self.here
        description = Self.here.map { "\(actor) [\($0)]" } ?? actor
    }

    /// What a lease says of its holder.
    init(parsing text: String) {
        description = text
        guard text.last == "]", let bracket = text.lastIndex(of: "[") else {
            (pid, place) = (nil, nil)
            return
        }
        place = String(text[text.index(after: bracket)...].dropLast())
        let words = text[..<bracket].split(separator: " ")
        pid = words.count > 1 && words[words.count - 2] == "pid" ? words.last.flatMap { pid_t($0) } : nil
    }

    /// Whether its process is known to have ended. False where that cannot be told: elsewhere, or the number is in use.
    var hasEnded: Bool {
        guard let pid, pid > 0, let place, place == Self.here else { return false }
        return kill(pid, 0) == -1 && errno == ESRCH
    }

    // MARK: - Where this process runs

    /// Nil where the kernel tells no such thing (outside of Linux).
    private static let here: String? = {
        guard let boot = bootIdentifier(), let namespace = processNamespace() else { return nil }
        return namespace == machineNamespace ? boot : "\(boot) in \(namespace)"
    }()

    /// The process namespace that every Linux machine starts with.
    private static let machineNamespace = "4026531836"

    /// The first eight digits of the random number that the kernel draws when it starts.
    private static func bootIdentifier() -> String? {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8)
        return fread(&bytes, 1, 8, file) == 8 ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// The number in `pid:[4026531836]`.
    private static func processNamespace() -> String? {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &bytes, bytes.count)
        guard count > 0 else { return nil }
        let digits = bytes[..<count].map(UInt8.init(bitPattern:)).filter { (48...57).contains($0) }
        return String(decoding: digits, as: UTF8.self)
    }
}
