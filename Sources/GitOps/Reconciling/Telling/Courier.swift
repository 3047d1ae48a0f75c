internal import PlumbModel

/// Hands messages to one recipient, one after the other, and for a while again where it cannot be reached: nobody else waits
/// for it, and what is too much is let go of with a word.
actor Courier {
    /// What came of handing a message over.
    enum Reply: Sendable {
        case taken
        /// It will not be taken later either.
        case refused(String)
        /// Nobody was there, or had time.
        case missed(String)
    }

    struct Message: Sendable {
        /// What it is about, for the log.
        let subject: String
        /// The newest of those that have the same waits alone; nil: it stands for itself.
        var key: String?
        let hand: @Sendable () async -> Reply
        /// Called where it is let go of without having been taken: true where it was refused, false where nobody was there.
        var drop: @Sendable (_ isRefused: Bool) async -> Void = { _ in }
    }

    /// What is worth a line in the log.
    enum Note: Sendable {
        /// It is tried again.
        case missed(subject: String, reason: String)
        case dropped(subject: String, reason: String)
        case reachedAgain
    }

    struct Tally: Sendable {
        var taken = 0
        /// Attempts after which another one was made.
        var repeated = 0
        var dropped = 0
        var waiting = 0
    }

    struct Limits: Sendable {
        /// Messages that wait.
        var most = 500
        /// Seconds for which a message is tried.
        var patience = 900.0
        var pauses = Backoff(first: 1, longest: 60)
    }

    private struct Waiting {
        let id: Int
        let message: Message
        let since: Double
    }

    /// Seconds in which what was cancelled has ended.
    private static let lastChance = 3.0

    private let limits: Limits
    private let note: @Sendable (Note) -> Void
    private let alarm = Alarm()
    private var waiting: [Waiting] = []
    private var worker: Task<Void, Never>?
    private var ids = 0
    private var misses = 0
    private var isEnding = false
    private var counted = Tally()

    init(_ limits: Limits = Limits(), note: @escaping @Sendable (Note) -> Void) {
        self.limits = limits
        self.note = note
    }

    var tally: Tally {
        var tally = counted
        tally.waiting = waiting.count
        return tally
    }

    /// Returns at once.
    func deliver(_ message: Message) {
        ids += 1
        let new = Waiting(id: ids, message: message, since: Clock.now())
        if let key = message.key, let index = waiting.firstIndex(where: { $0.message.key == key }) {
            waiting[index] = new
        } else {
            if waiting.count >= limits.most { letGo(at: 0, "Too many messages wait.", isRefused: false) }
            waiting.append(new)
        }
        if worker == nil { worker = Task { await self.work() } }
    }

    /// Takes back what waits under a key, unless it is being handed over.
    func withdraw(_ key: String) {
        waiting.removeAll { $0.message.key == key }
    }

    /// Hands over what waits, each once more, and returns when nothing waits or the time is over, and a little is given for
    /// what does not end by itself.
    func end(within seconds: Double) async {
        isEnding = true
        alarm.ring()
        let start = ContinuousClock.now
        while let worker {
            let passed = (ContinuousClock.now - start) / .seconds(1)
            if passed > seconds { worker.cancel() }
            if passed > seconds + Self.lastChance { return }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return worker.cancel() }
        }
    }

    private func work() async {
        while let next = waiting.first {
            let reply = Task.isCancelled ? .missed("The controller ended.") : await next.message.hand()
            if case .taken = reply { take() }
            // Meanwhile it may have been replaced by a newer one, or let go of.
            guard let index = waiting.firstIndex(where: { $0.id == next.id }) else { continue }
            switch reply {
            case .taken: waiting.remove(at: index)
            case .refused(let reason): letGo(at: index, reason, isRefused: true)
            case .missed(let reason):
                let isLate = Clock.now() - next.since > limits.patience
                guard !isEnding, !isLate else {
                    letGo(at: index, reason, isRefused: false)
                    continue
                }
                misses += 1
                counted.repeated += 1
                if misses == 1 { note(.missed(subject: next.message.subject, reason: reason)) }
                await alarm.sleep(seconds: limits.pauses.seconds(after: misses))
            }
        }
        worker = nil
    }

    private func take() {
        counted.taken += 1
        if misses > 0 { note(.reachedAgain) }
        misses = 0
    }

    private func letGo(at index: Int, _ reason: String, isRefused: Bool) {
        let message = waiting.remove(at: index).message
        counted.dropped += 1
        note(.dropped(subject: message.subject, reason: reason))
        Task { await message.drop(isRefused) }
    }
}
