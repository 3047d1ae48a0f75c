internal import PlumbModel

/// Carries the records of drift from one check to the next: what is new, what has stayed, come back, or ended.
struct DriftLedger {
    /// So often the same value may be healed in a row before whoever writes it is left alone.
    static let healLimit = 3
    /// Seconds after which a value that comes back is no fight any more.
    static let memory = 86_400.0
    /// Seconds for which the end of a drift is remembered.
    static let retention = 30 * 86_400.0

    /// Seconds since 1970.
    let now: Double
    /// Runs, newest first.
    let runs: [RunRecord]
    let fingerprint: (Value) throws(KeyError) -> String

    struct Update {
        var records: [DriftRecord] = []
        /// What was there before, and is not now.
        var ended: [DriftRecord] = []
    }

    private struct Place: Hashable {
        let address: ResourceAddress
        let path: AttributePath
    }

    /// - Parameters:
    ///   - unseen: what could not be looked at: nothing is known of it but what was known before.
    ///   - isRecorded: whether the state still has a resource.
    func update(
        _ old: [DriftRecord], with found: [DriftFinder.Found], unseen: Set<ResourceAddress> = [],
        isRecorded: (ResourceAddress) -> Bool
    ) throws(KeyError) -> Update {
        var update = Update()
        let known = Dictionary(
            old.map { (Place(address: $0.address, path: $0.path), $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<Place> = []
        for one in found {
            let place = Place(address: one.address, path: one.path)
            seen.insert(place)
            update.records.append(try record(of: one, known[place]))
        }
        for record in old where !seen.contains(Place(address: record.address, path: record.path)) {
            guard isRecorded(record.address), now - record.lastSeen < Self.retention else { continue }
            guard record.isPresent, !unseen.contains(record.address) else {
                update.records.append(record)
                continue
            }
            let ended = end(of: record)
            update.records.append(ended)
            update.ended.append(ended)
        }
        update.records.sort { ($0.address, $0.path.description) < ($1.address, $1.path.description) }
        return update
    }

    private func record(of found: DriftFinder.Found, _ known: DriftRecord?) throws(KeyError) -> DriftRecord {
        let print = try fingerprint(found.live)
        guard var record = known else {
            return DriftRecord(
                address: found.address, path: found.path, fingerprint: print, expected: found.expected,
                live: found.live, firstSeen: now, lastSeen: now, writer: found.writer)
        }
        let isSame = record.fingerprint == print || record.live.isSame(as: found.live)
        if !record.isPresent || !isSame {
            if !isSame || record.status == .gone || now - record.lastSeen > Self.memory { record.heals = 0 }
            record.occurrences += 1
            record.firstSeen = now
            record.expected = found.expected
            record.reopen()
            if record.heals >= Self.healLimit { record.status = .contended }
        } else {
            record = record.asOf(now)
        }
        record.fingerprint = print
        record.live = found.live
        record.lastSeen = now
        // Who has deleted something cannot be asked any more, and a healed value may have been taken over.
        record.writer = found.writer ?? (isSame ? record.writer : nil)
        return record
    }

    /// Whether a run has ended it, or it has gone by itself.
    private func end(of record: DriftRecord) -> DriftRecord {
        var record = record
        let later = runs.filter { $0.startedAt >= record.lastSeen && ["apply", "heal"].contains($0.kind) }
        record.reopen()
        record.status = later.isEmpty ? .gone : .healed
        if later.contains(where: { $0.kind == "heal" }) { record.heals += 1 }
        return record
    }
}

extension DriftRecord {
    /// The same record where an acknowledgement that is over counts no more.
    ///
    /// - Parameter time: seconds since 1970.
    func asOf(_ time: Double) -> DriftRecord {
        var record = self
        if status == .acknowledged, let until = acknowledgedUntil, until <= time { record.reopen() }
        return record
    }

    /// Takes back what was said about it.
    fileprivate mutating func reopen() {
        status = .open
        acknowledgedUntil = nil
        reason = nil
        actor = nil
    }
}
