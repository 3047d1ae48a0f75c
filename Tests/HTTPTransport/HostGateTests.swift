import Testing

@testable import HTTPTransport

/// What a host's gate makes of answers, at times that the tests make up.
@Suite struct HostGateTests {
    private let begin = ContinuousClock.now
    private let policy = RetryPolicy(
        firstPause: .seconds(1), longestPause: .seconds(10), longestThrottling: .seconds(120))

    private func gate(_ places: Int = 16) -> HostGate { HostGate(limit: places, policy: policy) }

    private func time(_ seconds: Double) -> ContinuousClock.Instant { begin + .seconds(seconds) }

    /// An answer that came at that second, to a request that was sent just before.
    private func answer(
        _ status: Int, at seconds: Double, isReading: Bool = false, retryAfter: Int? = nil, sent: Double? = nil
    ) -> HostGate.Answer {
        let headers = HTTPHeaders(retryAfter.map { [("Retry-After", String($0))] } ?? [])
        return HostGate.Answer(
            throttling: Throttling(status: status, headers: headers), start: time(sent ?? seconds - 0.1),
            isReading: isReading, words: "\(status)")
    }

    private func note(
        _ status: Int, at seconds: Double, isReading: Bool = false, retryAfter: Int? = nil, in gate: inout HostGate
    ) -> HostGate.Verdict {
        gate.note(
            answer(status, at: seconds, isReading: isReading, retryAfter: retryAfter), of: "host", now: time(seconds))
    }

    private func isOpen(_ gate: inout HostGate, _ seconds: Double) -> Bool { gate.isOpen(time(seconds)) }

    private func objection(_ gate: inout HostGate, isReading: Bool = false, at seconds: Double) -> String? {
        gate.objection("host", isReading: isReading, now: time(seconds))
    }

    @Test func aHostThatRefusesForTooLongIsGivenUp() throws {
        var gate = gate()
        for seconds in [0.0, 50, 119] { #expect(note(429, at: seconds, in: &gate) == .goOn) }
        guard case .giveUp(let reason) = note(429, at: 120, in: &gate) else {
            Issue.record("it was not given up")
            return
        }
        #expect(reason.hasPrefix("given up: host has refused all that would change something since "))
        #expect(reason.hasSuffix("UTC (4 times in a row within 120 s); the last answer was 429"))
    }

    /// Each one that was on its way is told so, and so is who comes later.
    @Test func whoeverIsRefusedByAHostThatIsGivenUpIsToldSo() {
        var gate = gate()
        _ = note(429, at: 0, in: &gate)
        for seconds in [121.0, 121.1, 121.2] { #expect(note(429, at: seconds, in: &gate) != .goOn) }
        #expect(objection(&gate, at: 122)?.contains("4 times in a row") == true)
    }

    /// It may be an old one that took its time.
    @Test func oneRefusalIsNoReason() {
        var gate = gate()
        let verdict = gate.note(answer(429, at: 500, sent: 0), of: "host", now: time(500))
        #expect(verdict == .goOn)
        #expect(objection(&gate, at: 501) == nil)
    }

    @Test func anAnswerNowAndThenBeginsTheCountAnew() {
        var gate = gate()
        for round in 0..<20 {
            let seconds = Double(round) * 100
            #expect(note(429, at: seconds, in: &gate) == .goOn)
            #expect(note(429, at: seconds + 90, in: &gate) == .goOn)
            #expect(note(200, at: seconds + 95, in: &gate) == .goOn)
        }
        #expect(objection(&gate, at: 2000) == nil)
    }

    @Test func refusalsOfLongAgoDoNotCount() {
        var gate = gate()
        #expect(note(429, at: 0, in: &gate) == .goOn)
        #expect(note(429, at: 1000, in: &gate) == .goOn)
        #expect(note(429, at: 1119, in: &gate) == .goOn)
        #expect(note(429, at: 1120, in: &gate) != .goOn)
    }

    /// A server that answers reads may refuse all changes; one that takes changes does not refuse reads for good.
    @Test func readsAndChangesAreGivenUpApart() {
        var gate = gate()
        for seconds in [0.0, 60] {
            #expect(note(429, at: seconds, in: &gate) == .goOn)
            #expect(note(200, at: seconds + 1, isReading: true, in: &gate) == .goOn)
        }
        #expect(note(429, at: 125, in: &gate) != .goOn)
        #expect(objection(&gate, isReading: true, at: 126) == nil)
        #expect(objection(&gate, at: 126) != nil)

        #expect(note(429, at: 130, isReading: true, in: &gate) == .goOn)
        #expect(note(201, at: 200, in: &gate) == .goOn)
        #expect(note(429, at: 260, isReading: true, in: &gate) == .goOn)
        #expect(objection(&gate, at: 261) == nil)
    }

    @Test func oneRequestAtATimeFindsOutWhetherItAnswersAgain() {
        var gate = gate()
        _ = note(429, at: 0, in: &gate)
        _ = note(429, at: 120, in: &gate)
        let admitted = (1300..<1800).filter {
            objection(&gate, at: Double($0) / 10) == nil
        }
        #expect(admitted.count == 5, "\(admitted)")
        #expect(zip(admitted, admitted.dropFirst()).allSatisfy { $1 - $0 >= 100 })
        _ = note(200, at: 180, in: &gate)
        for _ in 0..<100 { #expect(objection(&gate, at: 181) == nil) }
    }

    @Test func theNextOneIsAskedNoSoonerThanTheHostWants() {
        var gate = gate()
        _ = note(429, at: 0, in: &gate)
        _ = note(429, at: 120, retryAfter: 50, in: &gate)
        #expect(objection(&gate, at: 169.9) != nil)
        #expect(objection(&gate, at: 171.1) == nil)
    }

    /// The gate closes once for all that were on their way, lets fewer through after that, and always one at least.
    @Test func aGateOpensAgainAndNarrows() {
        var gate = gate(16)
        #expect(isOpen(&gate, 0) == true)
        for index in 0..<16 {
            _ = gate.note(answer(429, at: 1, sent: 0), of: "host", now: time(1 + Double(index) / 100))
        }
        #expect(gate.places == 8)
        #expect(isOpen(&gate, 1.2) == false)
        #expect(isOpen(&gate, 30) == true)
        for round in 1..<10 { _ = note(429, at: Double(round) * 40, in: &gate) }
        #expect(gate.places == 1)
        #expect(isOpen(&gate, 400) == true)
        for _ in 0..<1000 { _ = note(200, at: 400, in: &gate) }
        #expect(gate.places == 16)
        #expect(gate.isPristine)
    }

    /// Who is refused first is tried first, but not for ever before all others.
    @Test func othersHaveTheirTurn() {
        var gate = gate()
        let preferences = (1...6).map { round in
            _ = note(429, at: Double(round) * 15, in: &gate)
            return gate.prefersNew
        }
        #expect(preferences == [false, true, false, false, true, false])
    }

    /// A request that is tried seldom, because others have their turn, is not given up for a few refusals.
    @Test func aRequestAloneIsGivenUpAfterManyRefusals() {
        #expect(!policy.isFutile(refusals: 4, within: .seconds(3600)))
        #expect(!policy.isFutile(refusals: 100, within: .seconds(239)))
        #expect(policy.isFutile(refusals: 5, within: .seconds(240)))
    }
}
