import Foundation
import Testing

/// Kills the real binary, breaks what it stands on, and counts what is lost: nothing may be, and the next apply must put
/// everything right by itself.
///
/// | variable | says |
/// | --- | --- |
/// | `PLUMB_KILLS` | how many kills there are for each place, over journal steps and random moments (15) |
/// | `PLUMB_FAULT_ROUNDS` | how often each other fault happens (1) |
/// | `PLUMB_FAULT_ROWS` | parts of the names of the faults that are tried, separated by commas; all without it |
/// | `PLUMB_FAULT_STATE` | where states are kept: `sqlite`, `postgres`, or both (all that are here) |
/// | `PLUMB_FAULT_REPORT` | the file that the table goes to (`.build/faults.txt`) |
@Suite(.serialized, .enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
struct FaultMatrixTests {
    private struct Job: Sendable {
        let row: Int
        let round: Int
        let attempt: @Sendable (Int) async throws -> FaultFindings
    }

    @Test func nothingIsLostWhateverHappens() async throws {
        let server = try await PowerDNS.start()
        let parts = (Self.variable("PLUMB_FAULT_ROWS") ?? "").split(separator: ",").map(String.init)
        var tables: [String] = []
        for (index, place) in try await FaultPlace.wanted().enumerated() {
            let rounds = Self.variable("PLUMB_FAULT_ROUNDS").flatMap { Int($0) }
            let faults = FaultRows(server: server, place: place, kills: Self.number("PLUMB_KILLS", 15))
            // The short run meets what has nothing to do with the place once.
            let all =
                rounds == nil && index > 0 ? await faults.ofPlace(rounds: 1) : await faults.all(rounds: rounds ?? 1)
            let rows = all.filter { row in parts.isEmpty || parts.contains(where: row.fault.contains) }
            try #require(!rows.isEmpty, "PLUMB_FAULT_ROWS names no fault")
            let clock = ContinuousClock()
            let begin = clock.now
            let tallies = await run(rows)
            let seconds = (clock.now - begin) / .seconds(1)
            tables.append(FaultTable(tallies: tallies, place: place.name, seconds: seconds).text)
            print(tables.last ?? "")
            for tally in tallies where !tally.isClean {
                Issue.record("\(place.name): \(tally.fault): see the table")
            }
        }
        let report = Self.variable("PLUMB_FAULT_REPORT") ?? Repository.root.path + "/.build/faults.txt"
        try Data(tables.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: report))
    }

    /// A few rounds at a time: most of each is waiting.
    private func run(_ rows: [FaultRow]) async -> [FaultTally] {
        var tallies = rows.map { FaultTally($0.fault, skipped: $0.skipped) }
        let jobs = rows.enumerated().flatMap { index, row in
            row.skipped == nil
                ? (0..<row.rounds).map { Job(row: index, round: $0, attempt: row.attempt) } : []
        }
        await withTaskGroup(of: (Job, FaultFindings).self) { group in
            var next = 0
            func start() {
                guard next < jobs.count else { return }
                let job = jobs[next]
                next += 1
                group.addTask {
                    do {
                        return (job, try await job.attempt(job.round))
                    } catch {
                        var findings = FaultFindings()
                        findings.expectConverged(false, "the round itself failed: \(error)")
                        return (job, findings)
                    }
                }
            }
            for _ in 0..<3 { start() }
            for await (job, findings) in group {
                tallies[job.row].add(findings, round: job.round)
                start()
            }
        }
        return tallies
    }

    private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    private static func number(_ name: String, _ otherwise: Int) -> Int {
        variable(name).flatMap { Int($0) } ?? otherwise
    }
}
