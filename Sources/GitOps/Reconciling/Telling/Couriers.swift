internal import Logging
internal import PlumbModel
internal import Synchronization

/// The couriers of a controller, one for each whom it tells something.
final class Couriers: Sendable {
    enum Recipient: Sendable, Hashable {
        /// A notification, by its name.
        case target(String)
        /// The forge of a repository, by the repository's name.
        case forge(String)
    }

    private let logger: Logger
    private let limits: Courier.Limits
    private let known = Mutex<[Recipient: Courier]>([:])

    init(_ limits: Courier.Limits = Courier.Limits(), logger: Logger) {
        self.limits = limits
        self.logger = logger
    }

    /// It is there from the first time on that it is asked for, whatever the configuration says later.
    func courier(for recipient: Recipient) -> Courier {
        known.withLock { known in
            if let courier = known[recipient] { return courier }
            let courier = Courier(limits) { [logger] note in Self.log(note, recipient, logger) }
            known[recipient] = courier
            return courier
        }
    }

    /// Hands over what waits, as far as that goes in so many seconds.
    func end(within seconds: Double) async {
        let couriers = known.withLock { Array($0.values) }
        await withDiscardingTaskGroup { group in
            for courier in couriers { group.addTask { await courier.end(within: seconds) } }
        }
    }

    func measurements() async -> [Measurement] {
        var all: [Measurement] = []
        for (recipient, courier) in known.withLock({ $0 }) {
            let tally = await courier.tally
            let (name, label, value, what) =
                switch recipient {
                case .target(let target): ("notifications", "target", target, "Notifications")
                case .forge(let repository): ("forge_messages", "repository", repository, "Messages to forges")
                }
            for (result, count) in [("sent", tally.taken), ("retried", tally.repeated), ("dropped", tally.dropped)] {
                all.append(
                    Measurement(
                        name: "plumb_\(name)_total", kind: .counter, help: "\(what) by what came of them.",
                        labels: [label: value, "result": result], value: Double(count)))
            }
            all.append(
                Measurement(
                    name: "plumb_\(name)_waiting", kind: .gauge, help: "\(what) that are not sent yet.",
                    labels: [label: value], value: Double(tally.waiting)))
        }
        return all
    }

    private static func log(_ note: Courier.Note, _ recipient: Recipient, _ logger: Logger) {
        var metadata: Logger.Metadata
        let what: String
        switch recipient {
        case .target(let name): (what, metadata) = ("notification", ["target": "\(name)"])
        case .forge(let name): (what, metadata) = ("message to the forge", ["repository": "\(name)"])
        }
        switch note {
        case .missed(let subject, let reason):
            metadata["about"] = "\(subject)"
            metadata["reason"] = "\(reason)"
            logger.warning("\(what) is tried again", metadata: metadata)
        case .dropped(let subject, let reason):
            metadata["about"] = "\(subject)"
            metadata["reason"] = "\(reason)"
            logger.warning("\(what) was not taken", metadata: metadata)
        case .reachedAgain: logger.info("\(what): taken again", metadata: metadata)
        }
    }
}
