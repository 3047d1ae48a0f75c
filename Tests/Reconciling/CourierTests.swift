import Synchronization
import Testing

@testable import Reconciling

/// Messages to one recipient: in order, again where nobody was there, and let go of in the end.
@Suite struct CourierTests {
    /// Answers as it was told to, then takes everything.
    private final class Recipient: Sendable {
        private struct State {
            var replies: [Courier.Reply] = []
            var handed: [String] = []
            var dropped: [String] = []
            var notes: [String] = []
        }

        private let state = Mutex(State())

        init(_ replies: [Courier.Reply] = []) { state.withLock { $0.replies = replies } }

        var handed: [String] { state.withLock { $0.handed } }
        var dropped: [String] { state.withLock { $0.dropped } }
        var notes: [String] { state.withLock { $0.notes } }

        func courier(most: Int = 500, patience: Double = 900, pause: Double = 0.01) -> Courier {
            Courier(.init(most: most, patience: patience, pauses: Backoff(first: pause, longest: pause))) { note in
                self.state.withLock { state in
                    switch note {
                    case .missed(let subject, let reason): state.notes.append("missed \(subject): \(reason)")
                    case .dropped(let subject, let reason): state.notes.append("dropped \(subject): \(reason)")
                    case .reachedAgain: state.notes.append("again")
                    }
                }
            }
        }

        func message(_ name: String, key: String? = nil, after pause: Duration = .zero) -> Courier.Message {
            Courier.Message(
                subject: name, key: key,
                hand: {
                    if pause > .zero { try? await Task.sleep(for: pause) }
                    return self.state.withLock { state in
                        state.handed.append(name)
                        return state.replies.isEmpty ? .taken : state.replies.removeFirst()
                    }
                }, drop: { _ in self.state.withLock { $0.dropped.append(name) } })
        }

        func wait(_ what: String, until isSo: (Recipient) -> Bool) async throws {
            for _ in 0..<1500 where !isSo(self) { try await Task.sleep(for: .milliseconds(10)) }
            try #require(isSo(self), "\(what): \(handed) \(notes)")
        }
    }

    @Test func handsOverInOrderAndAgainWhereNobodyWasThere() async throws {
        let recipient = Recipient([.missed("away"), .missed("away"), .taken, .refused("no such thing")])
        let courier = recipient.courier()
        for name in ["a", "b", "c"] { await courier.deliver(recipient.message(name)) }
        try await recipient.wait("all") { $0.handed.count == 5 && $0.dropped.count == 1 }
        #expect(recipient.handed == ["a", "a", "a", "b", "c"])
        #expect(recipient.notes == ["missed a: away", "again", "dropped b: no such thing"])
        let tally = await courier.tally
        #expect(tally.taken == 2 && tally.repeated == 2 && tally.dropped == 1 && tally.waiting == 0)
    }

    @Test func theNewestOfAKeyStandsForAll() async throws {
        let recipient = Recipient([.missed("away")])
        let courier = recipient.courier(pause: 0.3)
        await courier.deliver(recipient.message("old", key: "k"))
        try await recipient.wait("first") { $0.handed == ["old"] }
        await courier.deliver(recipient.message("newer", key: "k"))
        await courier.deliver(recipient.message("newest", key: "k"))
        await courier.deliver(recipient.message("unwanted", key: "u"))
        await courier.withdraw("u")
        try await recipient.wait("newest") { $0.handed.count == 2 }
        await courier.end(within: 5)
        #expect(recipient.handed == ["old", "newest"])
        #expect(recipient.dropped == [])
    }

    /// What comes while an older one of its key is being handed over is handed over after it.
    @Test func whatComesMeanwhileIsNotLost() async throws {
        let recipient = Recipient()
        let courier = recipient.courier()
        await courier.deliver(recipient.message("old", key: "k", after: .milliseconds(200)))
        try await Task.sleep(for: .milliseconds(50))
        await courier.deliver(recipient.message("new", key: "k"))
        try await recipient.wait("both") { $0.handed.count == 2 }
        #expect(recipient.handed == ["old", "new"])
    }

    @Test func patienceAndRoomAreBounded() async throws {
        let away = Recipient((0..<1000).map { _ in .missed("away") })
        let impatient = away.courier(patience: 0.05)
        await impatient.deliver(away.message("a"))
        try await away.wait("given up") { $0.dropped == ["a"] }
        #expect(away.notes.last == "dropped a: away")

        let slow = Recipient((0..<1000).map { _ in .missed("away") })
        let full = slow.courier(most: 3, pause: 60)
        for name in ["a", "b", "c", "d", "e"] { await full.deliver(slow.message(name)) }
        try await slow.wait("let go") { $0.dropped.count == 2 }
        #expect(slow.dropped.sorted() == ["a", "b"])
        await full.end(within: 5)
        try await slow.wait("all") { $0.dropped.count == 5 }
        #expect(await full.tally.dropped == 5)
    }

    @Test func theEndIsBoundedAndTriesEachOnceMore() async throws {
        let recipient = Recipient([.missed("away"), .taken, .missed("away")])
        let courier = recipient.courier(pause: 60)
        for name in ["a", "b", "c"] { await courier.deliver(recipient.message(name)) }
        try await recipient.wait("first") { $0.handed == ["a"] }
        await courier.end(within: 10)
        #expect(recipient.handed == ["a", "a", "b", "c"])

        let hanging = Recipient()
        let other = hanging.courier()
        await other.deliver(hanging.message("h", after: .seconds(100)))
        let time = await ContinuousClock().measure { await other.end(within: 0.2) }
        #expect(time < .seconds(20))
    }
}
