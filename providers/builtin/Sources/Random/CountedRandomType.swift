import PlumbModel
import ProviderAPI

/// A random type whose result is made of so many pieces: bytes, words.
protocol CountedRandomType: StateOnlyType {
    /// The attribute that says how many pieces.
    static var count: String { get }
    static var counts: ClosedRange<Int> { get }

    /// The planned values with the random ones set.
    func draw(_ count: Int, for planned: Value) -> Value
}

extension CountedRandomType {
    func plan(_ request: PlanRequest) async throws(ProviderError) -> ResourcePlan {
        _ = try request.declared.wholeNumber(Self.count, in: Self.counts)
        return schema.plan(request)
    }

    func create(_ request: CreateRequest) async throws(ProviderError) -> ResourceState {
        guard let count = try request.planned.wholeNumber(Self.count, in: Self.counts) else {
            throw ProviderError(.invalid, "\(Self.count) of \(name) must be known when it is created.")
        }
        return ResourceState(draw(count, for: request.planned))
    }
}
