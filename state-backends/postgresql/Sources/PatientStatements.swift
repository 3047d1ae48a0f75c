/// More time for what handles a whole state: ten minutes, and not those that a hanging server is given.
extension ServerConnection {
    private static let patientSeconds = 600.0

    /// For the rest of a transaction.
    static let patientStatements = Command("SELECT set_config('statement_timeout', '\(Int(patientSeconds))s', true)")

    /// Waits longer for the answers to what the body asks.
    func patiently<Found>(
        _ body: (ServerConnection) throws(ServerFailure) -> Found
    ) throws(ServerFailure) -> Found {
        let usual = answerSeconds
        answerSeconds = max(usual, Self.patientSeconds + 10)
        defer { answerSeconds = usual }
        return try body(self)
    }
}
