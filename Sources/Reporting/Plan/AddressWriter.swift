import PlumbModel

/// Lays out what a plan does to the state alone: what is taken over, and what gets another address.
struct AddressWriter {
    /// Of more lines than this the rest is a number.
    private static let limit = 20

    private let plan: Plan
    private let showsEverything: Bool

    init(_ plan: Plan, showsEverything: Bool) {
        self.plan = plan
        self.showsEverything = showsEverything
    }

    func write(to canvas: inout Canvas) {
        write("\(plan.imports.count) to import:", plan.imports, to: &canvas) { found, canvas in
            ChangeWriter.writeHeader(
                sign: "  &", .green, found.address,
                "exists with the id \(VisibleText.quote(found.id)); will be imported",
                found.declaredAt, to: &canvas)
        }
        write("\(plan.moves.count) to move, in the state alone:", plan.moves, to: &canvas) { move, canvas in
            ChangeWriter.writeHeader(
                sign: "  >", .cyan, move.from, "has moved to \(move.to)", move.declaredAt, to: &canvas)
        }
    }

    private func write<Item>(
        _ heading: String, _ items: [Item], to canvas: inout Canvas, _ line: (Item, inout Canvas) -> Void
    ) {
        guard !items.isEmpty else { return }
        PlanReport.writeHeading(heading, to: &canvas)
        let shown = showsEverything || items.count <= Self.limit + 2 ? items.count : Self.limit
        for item in items.prefix(shown) { line(item, &canvas) }
        if shown < items.count {
            canvas.write("    … and \(items.count - shown) more", .dim)
            canvas.newline()
        }
        canvas.newline()
    }
}
