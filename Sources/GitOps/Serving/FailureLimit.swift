internal import Synchronization

/// How often an address may fail: a number at once, and then one more each few seconds.
final class FailureLimit: Sendable {
    private struct Tally {
        var left: Double
        var at: ContinuousClock.Instant
    }

    private static let mostAddresses = 4096

    private let burst: Double
    private let secondsPerFailure: Double
    private let tallies = Mutex<[String: Tally]>([:])

    init(burst: Int, secondsPerFailure: Double) {
        self.burst = Double(burst)
        self.secondsPerFailure = secondsPerFailure
    }

    /// False where the address has no failure left to make.
    func spend(_ address: String) -> Bool {
        let key = FailureLimit.network(of: address)
        return tallies.withLock { tallies in
            var tally = refilled(tallies[key])
            guard tally.left >= 1 else { return false }
            tally.left -= 1
            if tallies[key] == nil { makeRoom(&tallies) }
            tallies[key] = tally
            return true
        }
    }

    /// Whole seconds until the address may fail again; nil where it may now.
    func pause(of address: String) -> Int? {
        let key = FailureLimit.network(of: address)
        let left = tallies.withLock { refilled($0[key]).left }
        return left >= 1 ? nil : max(1, Int(((1 - left) * secondsPerFailure).rounded(.up)))
    }

    private func refilled(_ tally: Tally?) -> Tally {
        let now = ContinuousClock.now
        guard let tally else { return Tally(left: burst, at: now) }
        let regained = (now - tally.at) / .seconds(secondsPerFailure)
        return Tally(left: min(burst, tally.left + regained), at: now)
    }

    /// Forgets the half that failed longest ago.
    private func makeRoom(_ tallies: inout [String: Tally]) {
        guard tallies.count >= FailureLimit.mostAddresses else { return }
        let oldest = tallies.sorted { $0.value.at < $1.value.at }.prefix(FailureLimit.mostAddresses / 2)
        for (key, _) in oldest { tallies[key] = nil }
    }

    /// One customer has a /64 of IPv6, and can take any address in it.
    static func network(of address: String) -> String {
        guard address.contains(":") else { return address }
        let halves = address.split(separator: "%")[0].components(separatedBy: "::")
        let head = halves[0].split(separator: ":").map(String.init)
        let tail = halves.count > 1 ? halves[1].split(separator: ":").map(String.init) : []
        // An IPv4 address in the dress of an IPv6 one is itself.
        if let last = tail.last, last.contains(".") { return last }
        let zeros = [String](repeating: "0", count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":")
    }
}

extension Substring {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        guard let range = firstRange(of: separator) else { return [self] }
        return [self[..<range.lowerBound], self[range.upperBound...]]
    }
}
