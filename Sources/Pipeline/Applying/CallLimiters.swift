internal import PlumbModel
internal import ProviderAPI

/// Bounds calls to each provider by what its system takes well, or all of them together where a person has said a number.
struct CallLimiters: Sendable {
    private let common: CallLimiter?
    private let limiters: [String: CallLimiter]
    /// How many calls may go on at once to one of them.
    let widest: Int

    init(_ applier: Applier) {
        let asked = applier.parallelism
        common = asked.map { CallLimiter(limit: $0) }
        var limits: [String: Int] = [:]
        if asked == nil {
            for provider in Set(applier.plan.changes.map(\.provider)) {
                limits[provider] = applier.catalogue.parallelism(of: provider)
            }
        }
        limiters = limits.mapValues { CallLimiter(limit: $0) }
        widest = asked ?? limits.values.max() ?? 1
    }

    /// - Parameter provider: of a change of the plan.
    func limiter(of provider: String) -> CallLimiter {
        guard let limiter = common ?? limiters[provider] else {
            preconditionFailure("every provider of the plan's changes has a limiter")
        }
        return limiter
    }
}
