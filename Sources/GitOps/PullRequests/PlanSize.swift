internal import PlumbModel

/// Refuses a stranger's plan whose values are too many to be compared, judged and shown. While they are planned, references share
/// what they refer to; a document of the plan has all of it written out.
struct PlanSize {
    /// Bytes, as documents write them, roughly.
    static let limit = 64 << 20

    private var bytes = 0

    static func admit(_ plan: Plan) throws(Diagnostics) {
        var size = PlanSize()
        for change in plan.changes {
            size.add(change.before)
            size.add(change.after)
            guard size.bytes <= limit else { throw Diagnostics(tooLarge) }
        }
        for output in plan.outputs { size.add(output.after) }
        guard size.bytes <= limit else { throw Diagnostics(tooLarge) }
    }

    private mutating func add(_ value: Value?) {
        guard let value else { return }
        var pending = [value]
        while bytes <= Self.limit, let next = pending.popLast() {
            bytes += 16
            switch next.kind {
            case .string(let text): bytes += text.utf8.count
            case .list(let elements, _): pending += elements
            case .map(let map, _):
                for entry in map {
                    bytes += entry.key.utf8.count
                    pending.append(entry.value)
                }
            default: break
            }
        }
    }

    private static let tooLarge = Diagnostic.error(
        Allowance.summary,
        "Nobody vouches for whoever wrote them, so that their plan may hold \(limit >> 20) MiB of values, and this one has more. A "
            + "maintainer who has read them may say `plumb plan`.")
}
