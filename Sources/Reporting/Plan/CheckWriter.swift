import PlumbModel

/// Writes which checks do not hold, and which only the apply can tell, a line each; the warnings have told the rest.
struct CheckWriter {
    /// Of more checks than this the rest is a number.
    private static let listLimit = 10

    private let results: [(name: String, result: CheckResult)]

    init(_ results: [CheckResult]) {
        self.results = results.compactMap { result in
            guard case .check(let name) = result.object, result.status != .pass else { return nil }
            return (name, result)
        }
    }

    func write(to canvas: inout Canvas) {
        guard !results.isEmpty else { return }
        PlanReport.writeHeading("Checks that do not hold yet:", to: &canvas)
        for (name, result) in results.prefix(Self.listLimit) {
            let isOpen = result.status == .unknown
            canvas.write(isOpen ? "  ? " : "  ! ", isOpen ? .cyan : .yellow)
            canvas.write(VisibleText.escape(name), .bold)
            canvas.write(": ")
            canvas.words(isOpen ? "known after the apply" : result.problems.first ?? "it failed", indent: 6)
            canvas.newline()
        }
        if results.count > Self.listLimit {
            canvas.write("    … and \(results.count - Self.listLimit) more", .dim)
            canvas.newline()
        }
        canvas.newline()
    }
}
