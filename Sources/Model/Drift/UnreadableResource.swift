/// A recorded resource that its system did not show: nothing is known of it but what was known before.
public struct UnreadableResource: Sendable, Hashable {
    public let address: ResourceAddress
    /// As the provider says it.
    public let reason: String
    /// Whether it is to be expected that it passes by itself.
    public let isPassing: Bool

    private static let named = 3

    public init(_ address: ResourceAddress, reason: String, isPassing: Bool) {
        self.address = address
        self.reason = reason
        self.isPassing = isPassing
    }

    /// What is to be told of resources; what is the same for many, once.
    public static func problems(_ resources: [UnreadableResource]) -> Diagnostics {
        var told: Set<String> = []
        var problems = Diagnostics()
        for first in resources where told.insert(first.reason).inserted {
            let all = resources.filter { $0.reason == first.reason }
            let more = all.count > named ? " and \(all.count - named) more" : ""
            let names = all.prefix(named).map(\.address.description).joined(separator: ", ") + more
            problems.append(
                Diagnostic.error(
                    "Cannot read resource", "\(names) could not be read: \(first.reason)",
                    address: all.count == 1 ? first.address : nil
                ).passing(if: all.allSatisfy(\.isPassing)))
        }
        return problems
    }
}
