import Foundation

/// What a network and a server in trouble do to requests and answers.
extension FaultRows {
    /// One kind of trouble.
    private struct Trouble: Sendable {
        let name: String
        /// As `Tests/Services/faulty-server` takes it, without `on`.
        let order: String
        /// To which requests: `CHANGE /` for those that change something, `* /` for all.
        var on = "CHANGE /"
        /// What the run may be broken by, as it tells it; empty where it must not be broken at all.
        var words: [String] = []
    }

    private static let troubles = [
        Trouble(name: "answers lost after the server acted", order: #""do": "drop-after", "times": 3"#),
        Trouble(name: "requests lost before the server acted", order: #""do": "drop", "times": 3"#),
        Trouble(name: "connections reset before the server acted", order: #""do": "reset", "times": 3"#),
        Trouble(name: "connections reset after the server acted", order: #""do": "reset-after", "times": 3"#),
        Trouble(name: "half of an answer", order: #""do": "half", "times": 3"#),
        Trouble(name: "answers that are no HTTP", order: #""do": "garbage", "times": 3"#),
        Trouble(name: "slow answers", order: #""do": "slow", "seconds": 0.3, "times": 30"#),
        Trouble(name: "slow requests", order: #""do": "late", "seconds": 0.3, "times": 30"#),
        Trouble(name: "requests sent twice", order: #""do": "twice", "times": 30"#),
        Trouble(
            name: "answers given twice", order: #""do": "answer-twice", "times": 30"#,
            words: ["the server answered about another powerdns_zone"]),
        Trouble(
            name: "429 with Retry-After",
            order: #""do": "status", "status": 429, "headers": {"Retry-After": "1"}, "times": 6"#),
        Trouble(
            name: "429 without Retry-After", order: #""do": "status", "status": 429, "skip": 5, "times": 14"#),
        Trouble(
            name: "429 without end", order: #""do": "status", "status": 429, "skip": 5, "times": 100000"#,
            words: ["429"]),
        Trouble(name: "500 before the server acted", order: #""do": "status", "status": 500, "times": 3"#),
        Trouble(name: "500 after the server acted", order: #""do": "status-after", "status": 500, "times": 3"#),
        Trouble(
            name: "503", order: #""do": "status", "status": 503, "times": 3"#, words: ["503"]),
        Trouble(
            name: "server gone in the middle, before it acted", order: #""do": "drop", "skip": 12, "times": 100000"#,
            on: "* /", words: ["the next run finds it out by itself", "closed the connection", "connection was lost"]),
        Trouble(
            name: "server gone in the middle, after it acted",
            order: #""do": "drop-after", "skip": 12, "times": 100000"#,
            on: "* /", words: ["the next run finds it out by itself", "closed the connection", "connection was lost"]),
    ]

    func answers(rounds: Int) -> [FaultRow] {
        Self.troubles.map { trouble in
            FaultRow(fault: trouble.name, rounds: rounds) { number in
                let scenarios: [FaultScenario] = [.create, .update, .destroy, .replace]
                return try await meet(trouble, scenarios[number % scenarios.count])
            }
        }
    }

    private func meet(_ trouble: Trouble, _ scenario: FaultScenario) async throws -> FaultFindings {
        let round = try ZoneRound(scenario, server, place)
        try await round.prepare()
        let faulty = try FaultyServer(before: server.environment["PDNS_URL"] ?? "")
        try await faulty.order(#"[{"on": "\#(trouble.on)", \#(trouble.order)}]"#)
        let broken = try await round.stack.plumb(
            "apply", "--auto-approve", environment: ["API_URL": "http://127.0.0.1:\(faulty.port)/api/v1"],
            deadline: 180)
        try await faulty.order("[]")
        var findings = FaultFindings()
        if trouble.words.isEmpty {
            findings.expectTold(broken.code == 0, "\(scenario): it was broken: \(broken.words)")
        } else {
            findings.expectTold(
                broken.code == 0 || trouble.words.contains(where: broken.words.contains),
                "\(scenario): not told: \(broken.words)")
        }
        try await round.settle(into: &findings)
        findings.problems = findings.problems.map { "\(scenario): \($0)" }
        try await round.clean()
        return findings
    }
}
