import Foundation
import Testing

/// What becomes of the server that the state is on.
extension FaultRows {
    func serverFaults(rounds: Int) -> [FaultRow] {
        let noServer = place.server == nil ? "the state is on no server" : nil
        func row(
            _ fault: String, _ attempt: @escaping @Sendable (ZoneRound, PostgreSQL) async throws -> FaultFindings
        ) -> FaultRow {
            FaultRow(fault: fault, rounds: rounds, skipped: noServer) { number in
                let scenarios: [FaultScenario] = [.create, .update, .destroy, .replace, .move, .adopt]
                // Of its own: the other rounds need theirs.
                let own = try await FaultPlace.postgres()
                let round = try ZoneRound(scenarios[number % scenarios.count], server, own)
                try await round.prepare()
                var findings = try await attempt(round, try #require(own.server))
                try await round.settle(isKilled: true, into: &findings)
                findings.problems = findings.problems.map { "\(round.scenario): \($0)" }
                try await round.clean()
                return findings
            }
        }
        return [
            row("database crashes and restarts") { round, database in
                try await self.survive(round) { try await database.order("restart") }
            },
            row("database connections ended") { round, database in
                try await self.survive(round) {
                    for _ in 0..<3 { try await database.endConnections() }
                }
            },
            row("database gone in the middle") { round, database in
                let process = try await self.begin(round)
                try await database.order("stop")
                let result = await process.result()
                try await database.order("start")
                var findings = FaultFindings()
                findings.expectTold(
                    result.code == 0 || result.code == 1 && result.words.contains("does not answer"),
                    "not told: \(result.words)")
                return findings
            },
            row("killed while the database restarts") { round, database in
                let process = try await self.begin(round)
                async let restarted: Void = database.order("restart")
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...800)))
                process.send(SIGKILL)
                _ = await process.result()
                try await restarted
                return FaultFindings()
            },
        ]
    }

    /// A run that must get through what happens in its middle.
    private func survive(
        _ round: ZoneRound, _ trouble: @Sendable () async throws -> Void
    ) async throws -> FaultFindings {
        let process = try await begin(round)
        try await trouble()
        let result = await process.result()
        var findings = FaultFindings()
        findings.expectTold(result.code == 0, "it was broken: \(result.words)")
        return findings
    }

    /// A run with some of its zones dealt with.
    private func begin(_ round: ZoneRound) async throws -> ChildProcess {
        // After the first: a run that has not reached its server yet is to say so, and not to wait for it.
        let count = Int.random(in: 1..<ZoneRound.zoneCount * 9 / 10)
        let process = try round.stack.start(["apply", "--auto-approve", "--parallelism", "3"], [:], 180)
        let deadline = ContinuousClock.now + .seconds(60)
        while try await round.progress() < count, ContinuousClock.now < deadline {}
        return process
    }
}
