internal import PlumbModel

/// Tells once what keeps many resources from being planned for the same reason: a server that is down, credentials that
/// nobody takes.
struct RepeatedProblems {
    static let summary = "Cannot plan resource"
    /// So many are told one by one.
    private static let few = 3
    private static let named = 3

    /// - Returns: the problems in their order; in the place of the first of a reason stands what is told of all.
    static func merged(_ diagnostics: Diagnostics) -> Diagnostics {
        let reasons = diagnostics.all.map(reason)
        let groups = Dictionary(grouping: reasons.indices.filter { reasons[$0] != nil }) { reasons[$0] ?? "" }
        var merged = Diagnostics()
        for (index, diagnostic) in diagnostics.all.enumerated() {
            guard let reason = reasons[index], let group = groups[reason], group.count > few else {
                merged.append(diagnostic)
                continue
            }
            guard group.first == index else { continue }
            let names = group.prefix(named).compactMap { diagnostics.all[$0].address?.description }
            merged.append(
                .error(
                    "Cannot plan resources",
                    "\(reason) It is the same for \(group.count) resources: \(names.joined(separator: ", ")) and "
                        + "\(group.count - names.count) more."))
        }
        return merged
    }

    /// What stands behind the address; nil where the problem is none of this kind.
    private static func reason(_ diagnostic: Diagnostic) -> String? {
        guard diagnostic.summary == summary, let address = diagnostic.address,
            diagnostic.detail.hasPrefix("\(address): ")
        else { return nil }
        return String(diagnostic.detail.dropFirst("\(address): ".count))
    }
}
