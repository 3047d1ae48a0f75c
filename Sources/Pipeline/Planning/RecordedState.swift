internal import PlumbModel
internal import ProviderAPI

/// The recorded rows as a plan sees them: with what became of interrupted changes, and with what is live now.
struct RecordedState {
    struct Entry {
        var record: ResourceRecord
        /// The row's generation when the plan read it; nil for a row that a recovery will add.
        let generation: Int64?
        var live: ResourceState?
        var isGone = false
        /// Live values differ from recorded ones.
        var hasDrifted = false
    }

    private(set) var entries: [Entry] = []
    private var current: [ResourceAddress: Int] = [:]
    /// Resources of which it cannot be told what became of an interrupted change.
    private(set) var held: [ResourceAddress: String] = [:]

    init(_ snapshot: StateSnapshot, _ recoveries: [PlannedRecovery]) {
        entries.reserveCapacity(snapshot.resources.count)
        current.reserveCapacity(snapshot.resources.count)
        for record in snapshot.resources { append(record, generation: record.generation) }
        let intents = Dictionary(snapshot.openIntents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for recovery in recoveries {
            if case .hold(let why) = recovery.finding { held[recovery.address] = why }
            guard let intent = intents[recovery.intent] else { continue }
            let row = current[intent.address].map { entries[$0].record }
            for effect in RecoveryEffect.of(recovery, intent, current: row) { apply(effect) }
        }
    }

    func index(of address: ResourceAddress) -> Int? { current[address] }

    subscript(address: ResourceAddress) -> Entry? { current[address].map { entries[$0] } }

    private mutating func append(_ record: ResourceRecord, generation: Int64?) {
        if record.deposedKey == nil { current[record.address] = entries.count }
        entries.append(Entry(record: record, generation: generation))
    }

    private mutating func apply(_ effect: RecoveryEffect) {
        switch effect {
        case .put(let record):
            if record.deposedKey == nil, let index = current[record.address] {
                entries[index].record = record
            } else {
                append(record, generation: nil)
            }
        case .remove(let address, let deposedKey):
            entries.removeAll { $0.record.address == address && $0.record.deposedKey == deposedKey }
            current = [:]
            for (index, entry) in entries.enumerated() where entry.record.deposedKey == nil {
                current[entry.record.address] = index
            }
        }
    }

    /// Takes in what a refresh found. Without one, recorded values stand for live ones.
    mutating func take(_ findings: [Refresher.Finding], at indexes: [Int]) {
        for (index, finding) in zip(indexes, findings) {
            switch finding {
            case .recorded: entries[index].live = entries[index].record.marked
            case .gone:
                entries[index].isGone = true
                entries[index].hasDrifted = true
            case .live(let state):
                entries[index].live = state
                entries[index].hasDrifted = !state.values.isSame(as: entries[index].record.values)
            }
        }
    }

    mutating func standInForLive(_ indexes: some Sequence<Int>) {
        for index in indexes { entries[index].live = entries[index].record.marked }
    }
}

extension ResourceRecord {
    /// The recorded values as a state, marks kept.
    fileprivate var marked: ResourceState { ResourceState(values, privateData: privateData) }
}
