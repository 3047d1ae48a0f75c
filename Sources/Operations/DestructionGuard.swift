public import Planning
public import PlumbModel

/// Keeps a run that nobody is asked about from destroying more than `sync.guard` in `stack.yaml` allows: a directory that
/// went missing, or a glob that matches nothing, looks like everything being taken out of the specs.
public struct DestructionGuard: Sendable {
    private struct Limit {
        let key: String
        let most: Int
        let range: SourceRange
    }

    private let count: Limit?
    private let percent: Limit?

    /// - Throws: what is wrong with `sync.guard`.
    public init(_ session: StackSession) throws(Diagnostics) {
        guard let node = Self.entry("guard", of: session.specification.stack.sync) else {
            (count, percent) = (nil, nil)
            return
        }
        guard let entries = node.mapping else {
            throw Diagnostics(
                .error(
                    "Wrong kind of value",
                    "`sync.guard` is a mapping, such as `{max_destroys: 10}`; here stands \(node.phrase).",
                    at: node.range))
        }
        let known = ["max_destroys", "max_percent"]
        for entry in entries where !known.contains(entry.key) {
            throw Diagnostics(
                .error(
                    "Unknown key",
                    "`sync.guard` has no key \"\(entry.key)\".\(Suggestion.didYouMean(entry.key, among: known)) It may have: "
                        + known.map { "`\($0)`" }.joined(separator: ", ") + ".", at: entry.keyRange))
        }
        count = try Self.limit("max_destroys", node, upTo: Int.max)
        percent = try Self.limit("max_percent", node, upTo: 100)
    }

    private static func entry(_ key: String, of node: SpecificationNode?) -> SpecificationNode? {
        let value = node?.mapping?.first { $0.key == key }?.value
        return value?.scalar?.value.isNull == true ? nil : value
    }

    private static func limit(
        _ key: String, _ node: SpecificationNode, upTo highest: Int
    ) throws(Diagnostics) -> Limit? {
        guard let value = entry(key, of: node) else { return nil }
        guard let most = value.scalar?.value.asInt, most >= 0, most <= highest else {
            throw Diagnostics(
                .error(
                    "Wrong kind of value",
                    "`\(key)` is a whole number\(highest == 100 ? " from 0 to 100" : ", 0 or more"); here stands "
                        + "\(value.phrase).", at: value.range))
        }
        return Limit(key: key, most: most, range: value.range)
    }

    /// - Throws: that the plan destroys too much.
    public func check(_ result: PlanResult) throws(Diagnostics) {
        let destroyed = result.plan.changes.count { change in
            switch change.action {
            case .delete: true
            case .replace: !change.retainsOld
            default: false
            }
        }
        let all = result.prior.count
        var exceeded: Limit?
        if let count, destroyed > count.most { exceeded = count }
        // In whole numbers: 1 of 3 is more than 33 percent.
        if let percent, destroyed > 0, destroyed * 100 > all * percent.most { exceeded = exceeded ?? percent }
        guard let exceeded else { return }
        let unit = exceeded.key == "max_percent" ? " percent" : ""
        throw Diagnostics(
            .error(
                "Plan would destroy too much",
                "This plan would destroy \(destroyed) of the \(all) resources that are there, and `sync.guard.\(exceeded.key)` "
                    + "allows \(exceeded.most)\(unit) when nobody is asked. Nothing was done. Look whether the specs are all "
                    + "there: a directory, a file, what a glob matches. If they are, approve the plan yourself: apply without "
                    + "`--auto-approve`, with `--allow-destroys`, or apply a saved plan.", at: exceeded.range))
    }
}
