/// What one round of a fault has shown: counts of what there must be none of.
struct FaultFindings: Sendable {
    /// Exists on the server, and the state does not know it.
    var orphans = 0
    /// Exists twice, or is recorded twice.
    var duplicates = 0
    /// Is recorded, and does not exist.
    var phantoms = 0
    /// Something a person would have had to do before the next plain `plumb apply` succeeded.
    var manualSteps = 0
    /// Whether the next apply made what the spec says, and the plan after it was empty.
    var isConverged = true
    /// Whether people were told what had happened.
    var isTold = true
    /// What was seen instead.
    var problems: [String] = []

    /// Notes what people should have been told and were not.
    mutating func expectTold(_ isTold: Bool, _ problem: @autoclosure () -> String) {
        guard !isTold else { return }
        self.isTold = false
        problems.append(problem())
    }

    mutating func expectConverged(_ isConverged: Bool, _ problem: @autoclosure () -> String) {
        guard !isConverged else { return }
        self.isConverged = false
        problems.append(problem())
    }
}

/// The counts of all rounds of one fault: a line of the table.
struct FaultTally: Sendable {
    let fault: String
    /// Why there are no rounds; nil where there are.
    var skipped: String?
    private(set) var rounds = 0
    private(set) var sum = FaultFindings()
    private(set) var converged = 0
    private(set) var told = 0

    init(_ fault: String, skipped: String? = nil) {
        self.fault = fault
        self.skipped = skipped
    }

    mutating func add(_ findings: FaultFindings, round: Int) {
        rounds += 1
        sum.orphans += findings.orphans
        sum.duplicates += findings.duplicates
        sum.phantoms += findings.phantoms
        sum.manualSteps += findings.manualSteps
        if findings.isConverged { converged += 1 }
        if findings.isTold { told += 1 }
        sum.problems += findings.problems.map { "\(fault), round \(round + 1): \($0)" }
    }

    var isClean: Bool {
        sum.orphans + sum.duplicates + sum.phantoms + sum.manualSteps == 0 && converged == rounds && told == rounds
    }
}

/// The table of a run of the matrix, as text with aligned columns.
struct FaultTable {
    let tallies: [FaultTally]
    let place: String
    let seconds: Double

    private static let titles = [
        "fault", "rounds", "orphans", "duplicates", "phantoms", "manual steps", "converged", "told",
    ]

    var text: String {
        let lines = [Self.titles] + tallies.filter { $0.rounds > 0 }.map(cells) + [cells(of: total)]
        let widths = Self.titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        var text = "State in \(place); \(Int(seconds.rounded())) s.\n\n"
        for (index, line) in lines.enumerated() {
            let padded = zip(line, widths).enumerated().map { column, cell in
                let gap = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + gap : gap + cell.0
            }
            text += "| " + padded.joined(separator: " | ") + " |\n"
            if index == 0 {
                let rules = widths.enumerated().map { $0 == 0 ? String(repeating: "-", count: $1) : dashes($1) }
                text += "| " + rules.joined(separator: " | ") + " |\n"
            }
        }
        for tally in tallies {
            if let reason = tally.skipped { text += "\nskipped: \(tally.fault): \(reason)" }
        }
        for problem in tallies.flatMap(\.sum.problems) { text += "\n! \(shortened(problem))" }
        return text + (text.hasSuffix("\n") ? "" : "\n")
    }

    /// What a program says ends with why it failed.
    private func shortened(_ problem: String) -> String {
        problem.count <= 900 ? problem : "\(problem.prefix(120)) [...] \(problem.suffix(750))"
    }

    private func dashes(_ width: Int) -> String { String(repeating: "-", count: width - 1) + ":" }

    private var total: [Int] {
        tallies.reduce(into: [Int](repeating: 0, count: 7)) { total, tally in
            for (index, number) in numbers(tally).enumerated() { total[index] += number }
        }
    }

    private func numbers(_ tally: FaultTally) -> [Int] {
        let sum = tally.sum
        return [
            tally.rounds, sum.orphans, sum.duplicates, sum.phantoms, sum.manualSteps, tally.converged, tally.told,
        ]
    }

    private func cells(_ tally: FaultTally) -> [String] { [tally.fault] + numbers(tally).map(String.init) }

    private func cells(of total: [Int]) -> [String] { ["all"] + total.map(String.init) }
}
