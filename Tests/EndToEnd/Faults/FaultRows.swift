/// One fault of the matrix, and how often it happens.
struct FaultRow: Sendable {
    let fault: String
    let rounds: Int
    /// Why it cannot be tried here; nil where it can.
    var skipped: String?
    /// Does the fault once, given the number of the round, and counts what came of it.
    let attempt: @Sendable (Int) async throws -> FaultFindings
}

/// Makes the rows of the matrix, in the order of the table.
struct FaultRows: Sendable {
    let server: PowerDNS
    let place: FaultPlace
    /// Of all rows that kill together.
    let kills: Int

    func all(rounds: Int) async -> [FaultRow] {
        let each = max(1, kills / (2 * FaultScenario.allCases.count + 1))
        return FaultScenario.allCases.map { journalKills($0, rounds: each) }
            + FaultScenario.allCases.map { randomKills($0, rounds: each) }
            + [repeatedKills(rounds: each)] + answers(rounds: rounds) + (await storage(rounds: rounds))
            + serverFaults(rounds: rounds) + runs(rounds: rounds)
            + stateCommands(rounds: rounds)
    }
}
