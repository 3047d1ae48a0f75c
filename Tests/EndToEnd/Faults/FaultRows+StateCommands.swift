import Foundation
import Testing

/// Commands on the state itself, killed in the middle.
extension FaultRows {
    func stateCommands(rounds: Int) -> [FaultRow] {
        [
            FaultRow(fault: "state rekey killed", rounds: 2 * rounds, attempt: rekey),
            FaultRow(fault: "state migrate killed, then repeated", rounds: 2 * rounds, attempt: migrate),
            FaultRow(fault: "state push killed", rounds: 2 * rounds, attempt: push),
            FaultRow(fault: "state rollback killed", rounds: 2 * rounds, attempt: rollback),
        ]
    }

    /// A password that must be the same in the end.
    private static let secret = [
        "secret.yaml": """
        resources: {random_password.p: {spec: {length: 24}}}
        outputs: {password: {value: "${random_password.p.result}", sensitive: true}}
        """
    ]

    private func applied() async throws -> (round: ZoneRound, password: String) {
        let round = try ZoneRound(.update, server, place, files: Self.secret)
        try await round.prepare()
        try await round.stack.apply()
        return (round, try await round.stack.plumb("output", "--raw", "password").output)
    }

    private func kill(_ round: ZoneRound, _ arguments: [String], _ faults: [String], _ number: Int) async throws {
        let fault = faults[number % faults.count]
        let process = try round.stack.start(arguments, ["PLUMB_FAULT": fault])
        let killed = await process.result()
        try #require(killed.signal == SIGKILL, "\(arguments) was not killed at \(fault): \(killed.words)")
    }

    /// The next apply, and whether the secret is what it was.
    private func settle(_ round: ZoneRound, _ password: String) async throws -> FaultFindings {
        var findings = FaultFindings()
        try await round.settle(isKilled: true, into: &findings)
        let now = try await round.stack.plumb("output", "--raw", "password").output
        findings.expectConverged(!password.isEmpty && now == password, "the password is another one, or unreadable")
        return findings
    }

    private func rekey(_ number: Int) async throws -> FaultFindings {
        let (round, password) = try await applied()
        let faults = ["rekey-resealed:1", "rekey-committed:1", "rekey-began:1", "edit-decided:1", "edit-committed:1"]
        try await kill(round, ["state", "rekey"], faults, number)
        var findings = try await settle(round, password)
        // Whoever asked for a new key asks again.
        let again = try await round.stack.plumb("state", "rekey")
        let verified = try await round.stack.plumb("state", "verify")
        findings.expectConverged(
            again.code == 0 && verified.words.contains("The state is whole."),
            "repeated: \(again.words) \(verified.words)")
        let now = try await round.stack.plumb("output", "--raw", "password").output
        findings.expectConverged(now == password, "after the repetition the password is another one")
        try await round.clean()
        return findings
    }

    private func migrate(_ number: Int) async throws -> FaultFindings {
        let (round, password) = try await applied()
        let arguments = ["state", "migrate", "--to", "sqlite:other.db"]
        // The first edit that is decided is the target's, the second the one that marks the old place.
        let faults = [
            "migrate-copied:1", "edit-decided:2", "edit-committed:1", "edit-decided:1", "edit-began:1", "edit-began:2",
        ]
        try await kill(round, arguments, faults, number)
        var findings = try await settle(round, password)
        let again = try await round.stack.plumb("state", "migrate", "--to", "sqlite:other.db")
        findings.expectConverged(again.code == 0, "it cannot be repeated: \(again.words)")
        let stackFile = round.stack.read("stack.yaml") ?? ""
        let lines = stackFile.split(separator: "\n").filter { !$0.hasPrefix("state:") }
        try round.stack.write("stack.yaml", lines.joined(separator: "\n") + "\nstate: {sqlite: {path: other.db}}\n")
        let plan = try await round.stack.plumb("plan", "--detailed-exitcode")
        findings.expectConverged(plan.code == 0, "the plan after the migration: \(plan.words)")
        try await round.clean()
        return findings
    }

    /// The pushed file is older than what was applied since.
    private func push(_ number: Int) async throws -> FaultFindings {
        let round = try ZoneRound(.update, server, place, files: Self.secret)
        try await round.prepare()
        let pulled = try await round.stack.plumb("state", "pull")
        try round.stack.write("old.json", pulled.output)
        try await round.stack.apply()
        let password = try await round.stack.plumb("output", "--raw", "password").output
        let faults = ["edit-decided:1", "edit-committed:1", "edit-began:1"]
        try await kill(round, ["state", "push", "--force", "old.json"], faults, number)
        let findings = try await settle(round, password)
        try await round.clean()
        return findings
    }

    private func rollback(_ number: Int) async throws -> FaultFindings {
        let round = try ZoneRound(.update, server, place, files: Self.secret)
        try await round.prepare()
        let first = try #require(try await round.stack.runs().first)
        let password = try await round.stack.plumb("output", "--raw", "password").output
        try await round.stack.apply()
        let steps = ["after-call", "before-call", "after-intent", "after-result", "before-intent", "before-conclusion"]
        let faults = steps.map { $0 == "before-conclusion" ? "\($0):1" : "\($0):\(Int.random(in: 1...20))" }
        try await kill(round, ["state", "rollback", first, "--auto-approve"], faults, number)
        let findings = try await settle(round, password)
        try await round.clean()
        return findings
    }
}
