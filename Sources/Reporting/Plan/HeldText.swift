import PlumbModel

/// Tells what a plan would do as well if it were not held: who reads the last line alone must not take it for in sync.
struct HeldText {
    private static let limit = 10

    private let held: [HeldDifference]

    init(_ plan: Plan) { held = plan.held }

    /// `2 resources differ from the specs and are held until 2026-12-24 00:00 UTC by alice@host: release freeze.`
    var sentence: String {
        let subject =
            "\(Wording.count(held.count, "resource")) \(held.count == 1 ? "differs" : "differ") from the specs and "
        let groups = Dictionary(grouping: held, by: HeldText.terms).sorted { one, other in
            one.value.count == other.value.count ? one.key < other.key : one.value.count > other.value.count
        }
        if let only = groups.first, groups.count == 1 {
            return subject + (held.count == 1 ? "is" : "are") + " held\(only.key)."
        }
        let parts = groups.prefix(3).map { "\($0.value.count)\($0.key)" } + (groups.count > 3 ? ["…"] : [])
        return subject + "are held: \(parts.joined(separator: "; "))."
    }

    /// ` until 2026-12-24 00:00 UTC by alice@host: release freeze`
    private static func terms(of held: HeldDifference) -> String {
        let until = held.until.map { " until \(InstantText.utc($0))" } ?? ""
        return "\(until) by \(VisibleText.escape(held.placedBy)): \(VisibleText.escape(held.reason))"
    }

    func write(to canvas: inout Canvas) {
        guard !held.isEmpty else { return }
        PlanReport.writeHeading("Held, and not as the specs want it:", to: &canvas)
        for one in held.prefix(HeldText.limit) {
            canvas.write("  = \(one.address)", .bold)
            canvas.write("  nothing is done, where one would \(ChangeGroup(one.action).verb)", .dim)
            canvas.newline()
        }
        if held.count > HeldText.limit { canvas.paragraph("and \(held.count - HeldText.limit) more", indent: 2, .dim) }
        canvas.newline()
    }

    /// One of them in a plan's JSON.
    static func write(_ held: HeldDifference, to stream: inout JSONStream) {
        stream.object { stream in
            stream.member("address", held.address.description)
            stream.member("action", ChangeGroup(held.action).verb)
            stream.member("held_at", held.heldAt)
            stream.member("held_by", held.placedBy)
            stream.member("reason", held.reason)
            stream.member("until", held.until.map { .string(InstantText.iso($0)) } ?? Value.null)
        }
    }
}
