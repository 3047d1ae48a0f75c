#if canImport(Glibc)
    internal import Glibc
#endif

/// When a place's clocks are set forward and back, read from the time zone database of the system (RFC 8536).
///
/// The C library knows one zone a process, and Foundation's zones draw in a library of 30 MB: a table and a rule are less.
struct TimeZoneRules: Sendable {
    private let transitions: [Int64]
    /// Seconds east of UTC from each transition on.
    private let offsets: [Int]
    private let firstOffset: Int
    /// For the time after the last transition.
    private let rule: TimeZoneRule?

    static let utc = TimeZoneRules(transitions: [], offsets: [], firstOffset: 0, rule: nil)

    private init(transitions: [Int64], offsets: [Int], firstOffset: Int, rule: TimeZoneRule?) {
        self.transitions = transitions
        self.offsets = offsets
        self.firstOffset = firstOffset
        self.rule = rule
    }

    /// Nil where the system has no such zone.
    ///
    /// - Parameter folder: of the database.
    static func named(_ name: String, in folder: String = "/usr/share/zoneinfo") -> TimeZoneRules? {
        if name == "UTC" { return .utc }
        guard let bytes = read(folder + "/" + name) else { return nil }
        return TimeZoneRules(bytes)
    }

    /// The zones that people choose from, `UTC` among them; empty where the system has no database.
    static func names(in folder: String = "/usr/share/zoneinfo") -> [String] {
        guard let bytes = read(folder + "/zone.tab") else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return ["UTC"] + lines.compactMap { $0.split(separator: "\t").dropFirst(2).first.map(String.init) }
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var length = 0
        while length < bytes.count {
            let start = length
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            length += count
        }
        return Array(bytes.prefix(length))
    }

    /// Nil where they are no file of the database of version 2 or later.
    init?(_ bytes: [UInt8]) {
        guard let first = Header(bytes, at: 0), first.version >= 2 else { return nil }
        // The first block has times of 32 bits, for readers of long ago.
        let second = 44 + first.length(timeSize: 4)
        guard let header = Header(bytes, at: second), bytes.count >= second + 44 + header.length(timeSize: 8) else {
            return nil
        }
        var place = second + 44
        transitions = (0..<header.times).map { Int64(truncatingIfNeeded: Self.number(bytes, place + $0 * 8, 8)) }
        place += header.times * 8
        let indexes = (0..<header.times).map { Int(bytes[place + $0]) }
        place += header.times
        let types = (0..<header.types).map { index in
            Int(Int32(truncatingIfNeeded: Self.number(bytes, place + index * 6, 4)))
        }
        guard let earliest = types.first, indexes.allSatisfy({ $0 < types.count }) else { return nil }
        firstOffset = earliest
        offsets = indexes.map { types[$0] }
        let footer = bytes[(second + 44 + header.length(timeSize: 8))...].drop { $0 == 0x0A }.prefix { $0 != 0x0A }
        rule = TimeZoneRule(parsing: String(decoding: footer, as: UTF8.self))
    }

    private struct Header {
        let version: Int
        let times: Int
        let types: Int
        private let leaps: Int
        private let characters: Int
        private let standards: Int
        private let universals: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard bytes.count >= start + 44, Array(bytes[start..<start + 4]) == Array("TZif".utf8) else { return nil }
            let mark = bytes[start + 4]
            version = mark == 0 ? 1 : Int(mark) - 0x30
            func count(_ index: Int) -> Int { Int(TimeZoneRules.number(bytes, start + 20 + index * 4, 4)) }
            (universals, standards, leaps, times, types, characters) = (
                count(0), count(1), count(2), count(3), count(4), count(5)
            )
        }

        func length(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
        }
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
        bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }

    // MARK: - Asking

    /// Seconds east of UTC at a time in seconds since 1970.
    func offset(at time: Int) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: time) ?? firstOffset }
        if Int64(time) >= last { return rule?.offset(at: time) ?? offsets[offsets.count - 1] }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= Int64(time) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : offsets[low - 1]
    }

    /// When clocks show a local time, given in seconds as if it were UTC. What they show twice means the first time; what
    /// they skip means as much later as they skip.
    func time(ofLocal local: Int) -> Int {
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        if offset(at: local - before) == before { return local - before }
        if offset(at: local - after) == after { return local - after }
        return local - before
    }
}
