/// How long something took, by how often it took at most so long: a histogram as Prometheus has them.
public struct DurationHistogram: Sendable {
    /// Seconds; what took longer is in the last bucket, which has no bound. They are the same for all, so that they can be
    /// summed up over controllers.
    private static let bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]

    /// Each by itself, not summed up.
    private var counts = Array(repeating: 0, count: bounds.count + 1)
    private var sum = 0.0

    public init() {}

    public mutating func observe(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += max(0, seconds)
    }

    /// - Parameter name: of the family; by Prometheus' rules it ends with `_seconds`.
    public func measurements(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> [Measurement] {
        func sample(_ suffix: String, _ value: Double, _ more: [String: String] = [:]) -> Measurement {
            Measurement(
                name: name, suffix: suffix, kind: .histogram, help: help,
                labels: labels.merging(more) { first, _ in first }, value: value)
        }
        var all: [Measurement] = []
        var total = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? Self.text(Self.bounds[index]) : "+Inf"
            all.append(sample("_bucket", Double(total), ["le": bound]))
        }
        return all + [sample("_sum", sum), sample("_count", Double(total))]
    }

    /// `1` and not `1.0`, as Prometheus' own libraries write it.
    private static func text(_ bound: Double) -> String { Int(exactly: bound).map(String.init) ?? "\(bound)" }
}
