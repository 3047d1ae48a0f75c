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
        /// Live values differ from recorded ones in what does not change by itself: somebody has changed them.
        var hasDrifted = false
        /// The address at which the state has it still, where this plan moves it.
        var movedFrom: ResourceAddress?
        /// Set on what this plan imports.
        var importing: ImportStatement?
        /// Live values differ from recorded ones, if only in volatile attributes: the row is out of date.
        var isOutdated = false
        /// Why it could not be read; its recorded values stand for live ones then.
        var unreadable: UnreadableResource?
    }

    private(set) var entries: [Entry] = []
    private var current: [ResourceAddress: Int] = [:]
    /// Rows of each resource (without keys), deposed ones too.
    private var byResource: [ResourceAddress: [Int]] = [:]
    /// Resources of which it cannot be told what became of an interrupted change.
    private(set) var held: [ResourceAddress: String] = [:]
    /// Indexes of rows that recoveries have taken out, while they are applied.
    private var removed: Set<Int> = []
    /// The generations of current rows that recoveries have taken out: until the apply, they still stand in the state.
    private var removedGenerations: [ResourceAddress: Int64] = [:]

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
        if !removed.isEmpty {
            entries = entries.enumerated().filter { !removed.contains($0.offset) }.map(\.element)
            removed = []
        }
        index()
    }

    private mutating func index() {
        current.removeAll(keepingCapacity: true)
        byResource.removeAll(keepingCapacity: true)
        for (index, entry) in entries.enumerated() {
            if entry.record.deposedKey == nil { current[entry.record.address] = index }
            byResource[entry.record.address.resource, default: []].append(index)
        }
    }

    /// Gives rows other addresses, also where other rows name them.
    mutating func move(_ moves: RowMoves) {
        for index in entries.indices {
            let old = entries[index].record.address
            let new = moves.address(old)
            if new != old {
                entries[index].movedFrom = old
                entries[index].record.address = new
            }
            let dependencies = entries[index].record.dependencies
            entries[index].record.bookkeeping.dependencies = moves.dependencies(dependencies)
        }
        held = Dictionary(held.map { (moves.address($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        index()
    }

    /// Takes in what is imported, as if it had been recorded.
    mutating func adopt(_ found: [ImportFinder.Found]) {
        for one in found {
            let record = ResourceRecord(
                address: one.statement.address, provider: one.provider, values: one.state.values,
                privateData: one.state.privateData)
            byResource[record.address.resource, default: []].append(entries.count)
            append(record, generation: nil)
            entries[entries.count - 1].live = one.state
            entries[entries.count - 1].importing = one.statement
        }
    }

    /// All rows of a resource, whichever their keys.
    func entries(of resource: ResourceAddress) -> [Entry] { (byResource[resource] ?? []).map { entries[$0] } }

    func entry(_ address: ResourceAddress, _ deposedKey: String?) -> Entry? {
        guard deposedKey != nil else { return self[address] }
        let index = byResource[address.resource]?.first {
            entries[$0].record.address == address && entries[$0].record.deposedKey == deposedKey
        }
        return index.map { entries[$0] }
    }

    func index(of address: ResourceAddress) -> Int? { current[address] }

    /// The generation that the state still has of a current row that a recovery will take out.
    func generation(ofRemoved address: ResourceAddress) -> Int64? { removedGenerations[address] }

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
        case .remove(let address, nil):
            if let index = current.removeValue(forKey: address) {
                removed.insert(index)
                removedGenerations[address] = entries[index].generation
            }
        case .remove(let address, let deposedKey?):
            let index = entries.indices.first {
                entries[$0].record.address == address && entries[$0].record.deposedKey == deposedKey
            }
            if let index { removed.insert(index) }
        }
    }

    /// Takes in what a refresh found. Without one, recorded values stand for live ones.
    ///
    /// - Parameter schema: of a record's type.
    mutating func take(
        _ findings: [Refresher.Finding], at indexes: [Int], schema: (ResourceRecord) -> Schema?
    ) {
        for (index, finding) in zip(indexes, findings) {
            switch finding {
            case .recorded: entries[index].live = entries[index].record.marked
            case .unreadable(let why):
                entries[index].live = entries[index].record.marked
                entries[index].unreadable = why
            case .gone:
                entries[index].isGone = true
                entries[index].hasDrifted = true
                entries[index].isOutdated = true
            case .live(let state):
                entries[index].live = state
                let recorded = entries[index].record.values
                entries[index].isOutdated = !state.values.isSame(as: recorded)
                entries[index].hasDrifted =
                    entries[index].isOutdated
                    && (schema(entries[index].record)?.hasDrift(recorded, state.values) ?? true)
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

extension Schema {
    /// Whether live values differ from recorded ones in an attribute that does not change by itself.
    fileprivate func hasDrift(_ recorded: Value, _ live: Value) -> Bool {
        attributes.contains { attribute in
            guard !attribute.isVolatile else { return false }
            let (old, new) = (recorded[key: attribute.name] ?? .null, live[key: attribute.name] ?? .null)
            if old.isSame(as: new) { return false }
            return attribute.normalisation.map { !$0.areSame(old, new) } ?? true
        }
    }
}
