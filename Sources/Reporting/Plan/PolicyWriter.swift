import PlumbModel

/// Writes what policies say against a plan, what denies it first.
struct PolicyWriter {
    private let results: [PolicyResult]

    init(_ results: [PolicyResult]) {
        self.results = results.filter(\.refuses) + results.filter { !$0.refuses && $0.status != .pass }
    }

    func write(to canvas: inout Canvas) {
        guard !results.isEmpty else { return }
        PlanReport.writeHeading("Policies:", to: &canvas)
        for result in results {
            for sentence in PolicyText(result).sentences {
                canvas.write(result.refuses ? "  x " : "  ! ", result.refuses ? .red : .yellow)
                canvas.words(sentence, indent: 6)
                canvas.newline()
            }
        }
        canvas.newline()
    }
}
