import Foundation
import Testing

/// Several runs at once, and clocks that jump.
extension FaultRows {
    func runs(rounds: Int) -> [FaultRow] {
        let noClock = Program.isExpected("clang") ? nil : "no C compiler is here to build the shifted clock with"
        return [
            FaultRow(fault: "three applies at once", rounds: rounds, attempt: threeAtOnce),
            FaultRow(
                fault: "another run's clock is an hour ahead", rounds: rounds, skipped: noClock, attempt: clockAhead),
            FaultRow(
                fault: "the clock jumps an hour, and back", rounds: rounds, skipped: noClock, attempt: jumpingClock),
            FaultRow(
                fault: "killed with a clock an hour ahead", rounds: rounds, skipped: noClock, attempt: killedAhead),
        ]
    }

    private func threeAtOnce(_ number: Int) async throws -> FaultFindings {
        let scenarios: [FaultScenario] = [.create, .replace, .update, .destroy, .move]
        let round = try ZoneRound(scenarios[number % scenarios.count], server, place)
        try await round.prepare()
        let processes = try (0..<3).map { _ in try round.stack.start(["apply", "--auto-approve"]) }
        var findings = FaultFindings()
        var succeeded = 0
        for process in processes {
            let result = await process.result()
            if result.code == 0 { succeeded += 1 }
            let reasons = ["is held by", "Plan is stale"]
            findings.expectTold(
                result.code == 0 || reasons.contains(where: result.words.contains), "not told: \(result.words)")
        }
        findings.expectConverged(succeeded > 0, "none of three succeeded")
        try await round.settle(into: &findings)
        try await round.clean()
        return findings
    }

    /// A run that takes seconds: each call waits for its answer.
    private func slowly<Found>(
        _ round: ZoneRound, _ environment: [String: String] = [:],
        _ meanwhile: (ChildProcess) async throws -> Found
    ) async throws -> (Found, ChildProcess.Result) {
        let faulty = try await FaultyServer(before: server.environment["PDNS_URL"] ?? "")
        try await faulty.order(#"[{"on": "CHANGE /", "do": "slow", "seconds": 0.5, "times": 1000}]"#)
        let process = try round.stack.start(
            ["apply", "--auto-approve", "--parallelism", "4"],
            environment.merging(["API_URL": "http://127.0.0.1:\(faulty.port)/api/v1"]) { $1 })
        let deadline = ContinuousClock.now + .seconds(30)
        while try await round.progress() == 0, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        let found = try await meanwhile(process)
        let result = await process.result()
        withExtendedLifetime(faulty) {}
        return (found, result)
    }

    /// For a clock that is ahead, the lease of the run that goes on has long expired.
    private func clockAhead(_ number: Int) async throws -> FaultFindings {
        let scenarios: [FaultScenario] = [.create, .replace, .update, .destroy]
        let round = try ZoneRound(scenarios[number % scenarios.count], server, place)
        try await round.prepare()
        let clock = try await ShiftedClock(in: round.stack)
        try clock.set(ahead: 3600)
        let (second, first) = try await slowly(round) { _ in
            try await round.stack.plumb("apply", "--auto-approve", environment: clock.environment)
        }
        var findings = FaultFindings()
        findings.expectTold(
            second.code == 1 && second.words.contains("is held by"), "the second was not told: \(second.words)")
        findings.expectTold(first.code == 0, "the first was broken: \(first.words)")
        try await round.settle(into: &findings)
        try await round.clean()
        return findings
    }

    private func jumpingClock(_ number: Int) async throws -> FaultFindings {
        let scenarios: [FaultScenario] = [.create, .replace, .update, .destroy]
        let round = try ZoneRound(scenarios[number % scenarios.count], server, place)
        try await round.prepare()
        let clock = try await ShiftedClock(in: round.stack)
        try clock.set(ahead: 0)
        let (_, result) = try await slowly(round, clock.environment) { _ in
            try clock.set(ahead: 3600)
            try await Task.sleep(for: .milliseconds(800))
            try clock.set(ahead: -3600)
        }
        var findings = FaultFindings()
        findings.expectTold(result.code == 0, "it was broken: \(result.words)")
        try await round.settle(into: &findings)
        try await round.clean()
        return findings
    }

    /// Its lease lasts for another hour, by everybody else's clock.
    private func killedAhead(_ number: Int) async throws -> FaultFindings {
        let round = try ZoneRound([.create, .update][number % 2], server, place)
        try await round.prepare()
        let clock = try await ShiftedClock(in: round.stack)
        try clock.set(ahead: 3600)
        let fault = "\(FaultPointTests.steps[number % 5]):\(Int.random(in: 1...20))"
        let killed = try await round.stack.plumb(
            "apply", "--auto-approve", environment: clock.environment.merging(["PLUMB_FAULT": fault]) { $1 })
        try #require(killed.signal == SIGKILL, "\(killed.words)")
        var findings = FaultFindings()
        try await round.settle(isKilled: true, into: &findings)
        try await round.clean()
        return findings
    }
}
