/// What settling an open intent does to the state's rows: the same while a plan only supposes it and when an apply
/// writes it.
public enum RecoveryEffect: Sendable {
    case put(ResourceRecord)
    case remove(ResourceAddress, deposedKey: String?)

    /// - Parameter current: the row that the intent's address has now, deposed ones aside.
    public static func of(
        _ recovery: PlannedRecovery, _ intent: Intent, current: ResourceRecord?
    ) -> [RecoveryEffect] {
        switch (intent.action, recovery.finding) {
        case (_, .hold), (.create, .conclude): return []
        case (.update, .conclude), (.delete, .conclude):
            return [.remove(intent.address, deposedKey: intent.deposedKey)]
        case (.create, .adopt(let values)):
            var effects: [RecoveryEffect] = []
            if var old = current {
                // A replacement had created the new one and not yet put the old one aside.
                old.deposedKey = intent.deposingKey
                effects.append(.put(old))
            }
            return effects + [.put(record(intent, values, recovery.privateData, status: .ready))]
        case (.update, .adopt(let values)):
            guard intent.deposedKey == nil, let current else { return [] }
            return [.put(record(intent, values, recovery.privateData, status: current.status))]
        case (.delete, .adopt(let values)):
            // The deletion never happened: only what was read is news.
            guard intent.deposedKey == nil, var current else { return [] }
            current.values = values
            current.privateData = recovery.privateData
            return [.put(current)]
        }
    }

    private static func record(
        _ intent: Intent, _ values: Value, _ privateData: String?, status: ResourceRecord.Status
    ) -> ResourceRecord {
        ResourceRecord(
            address: intent.address, provider: intent.provider, values: values, privateData: privateData,
            bookkeeping: intent.bookkeeping, status: status)
    }
}

extension Intent {
    /// The key under which a replacement puts the old instance aside.
    public var deposingKey: String { String(id.prefix(8)) }
}
