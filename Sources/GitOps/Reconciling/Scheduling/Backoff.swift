/// Growing pauses between attempts, each a little another, so that what failed together does not come back together.
struct Backoff: Sendable {
    /// Seconds after the first failure.
    let first: Double
    let longest: Double

    static let failures = Backoff(first: 5, longest: 600)
    static let waits = Backoff(first: 2, longest: 60)
    /// Seconds after which what a person has to decide is looked at again.
    static let decisions = 600.0

    /// - Parameter attempts: failed ones in a row, from 1.
    func seconds(after attempts: Int) -> Double {
        var pause = first
        for _ in 1..<max(2, min(attempts, 30)) where attempts > 1 { pause = min(pause * 2, longest) }
        return min(pause, longest) * .random(in: 0.8...1.2)
    }
}
