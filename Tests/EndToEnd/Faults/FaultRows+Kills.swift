import Foundation
import Testing

/// SIGKILL, at every step of the journal and at any moment.
extension FaultRows {
    func journalKills(_ scenario: FaultScenario, rounds: Int) -> FaultRow {
        // With few rounds, other steps have their turn in other scenarios.
        let offset = FaultScenario.allCases.firstIndex(of: scenario) ?? 0
        return FaultRow(fault: "killed at a journal step: \(scenario.title)", rounds: rounds) { number in
            let steps = scenario.journalSteps
            let step = steps[(number + 3 * offset) % steps.count]
            let times = scenario.occurrences(of: step, zones: ZoneRound.zoneCount)
            let fault = "\(step):\(Int.random(in: 1...times))"
            let round = try ZoneRound(scenario, server, place)
            try await round.prepare()
            let killed = try await round.stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": fault])
            try #require(killed.signal == SIGKILL, "it was not killed at \(fault): \(killed.words)")
            var findings = FaultFindings()
            try await round.settle(isKilled: true, into: &findings)
            findings.problems = findings.problems.map { "\(fault): \($0)" }
            try await round.clean()
            return findings
        }
    }

    /// The run that settles what the first one left is killed too, and the one after that.
    func repeatedKills(rounds: Int) -> FaultRow {
        FaultRow(fault: "killed again and again while it settles", rounds: rounds) { number in
            let scenario = FaultScenario.allCases[number % FaultScenario.allCases.count]
            let round = try ZoneRound(scenario, server, place)
            try await round.prepare()
            var faults: [String] = []
            for step in ["after-call", "before-addresses", "after-call", "after-addresses", "after-intent"] {
                faults.append("\(step):\(step.hasSuffix("addresses") ? 1 : Int.random(in: 1...8))")
                // Where nothing was left for this step, the run just ends.
                _ = try await round.stack.plumb(
                    "apply", "--auto-approve", environment: ["PLUMB_FAULT": faults.last ?? ""])
            }
            var findings = FaultFindings()
            try await round.settle(isKilled: true, into: &findings)
            findings.problems = findings.problems.map { "\(scenario) \(faults): \($0)" }
            try await round.clean()
            return findings
        }
    }

    /// A moment is drawn as a number of zones that the run has dealt with, and a part of the time that one more takes:
    /// drawn by the clock alone, most would miss the time in which something happens.
    func randomKills(_ scenario: FaultScenario, rounds: Int) -> FaultRow {
        FaultRow(fault: "killed at a random moment: \(scenario.title)", rounds: rounds) { _ in
            // One that comes too late, on a busy machine, is drawn again.
            for _ in 0..<20 {
                let count = Int.random(in: 0..<ZoneRound.zoneCount * 9 / 10)
                let wait = Int.random(in: 0...10_000)
                let round = try ZoneRound(scenario, server, place)
                try await round.prepare()
                let process = try round.stack.start(["apply", "--auto-approve"])
                let deadline = ContinuousClock.now + .seconds(30)
                while try await round.progress() < count, ContinuousClock.now < deadline {}
                try await Task.sleep(for: .microseconds(wait))
                process.send(SIGKILL)
                guard await process.result().signal == SIGKILL else {
                    try await round.clean()
                    continue
                }
                var findings = FaultFindings()
                try await round.settle(isKilled: true, into: &findings)
                findings.problems = findings.problems.map { "\(wait) µs after \(count) zones: \($0)" }
                try await round.clean()
                return findings
            }
            throw MissedMoment()
        }
    }

    private struct MissedMoment: Error, CustomStringConvertible {
        let description = "each kill came after the end of its run"
    }
}
