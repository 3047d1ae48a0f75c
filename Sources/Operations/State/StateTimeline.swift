public import PlumbModel
internal import StateBackendAPI

/// A state as it was at any of its generations, told from what is recorded now and from the changes since.
///
/// Resources are named as they are named now, also where they had other addresses then. Deposed instances are left out.
struct StateTimeline {
    let contents: StateContents

    init(_ contents: StateContents) { self.contents = contents }

    /// The generation that a text names: its number, or a run (the first digits of its id do), which means its end.
    func generation(_ text: String) throws(Diagnostics) -> Int64 {
        let number = Int64(text)
        if let number, (0...contents.generation).contains(number) { return number }
        // The digits of a run's id may all be decimal.
        let runs = text.utf8.count < 4 ? [] : contents.runs.filter { $0.id.hasPrefix(text) }
        if let number, runs.isEmpty {
            throw Diagnostics(
                .error(
                    "Unknown generation",
                    "The state has the generations 0 to \(contents.generation); there is no \(number)."))
        }
        guard let run = runs.first, runs.count == 1 else {
            throw Diagnostics(
                .error(
                    runs.isEmpty ? "Unknown run" : "Ambiguous run",
                    runs.isEmpty
                        ? "The state knows no run \"\(text)\". `plumb state history` lists them; the first four digits or more "
                            + "of an id are enough, and a number means a generation."
                        : "\(runs.count) runs begin with \"\(text)\". Write more of the id."))
        }
        if let last = contents.history.last(where: { $0.run == run.id }) { return last.generation }
        // It changed no row: the state was as whatever came before has left it.
        let end = run.finishedAt ?? run.startedAt
        return contents.history.last { $0.changedAt <= end }?.generation ?? 0
    }

    /// The newest run that has changed something on somebody's word, with the first generation that is of its making.
    ///
    /// - Throws: where there is none, or where it was a rollback itself: going on from there is for a person to say.
    func lastChange() throws(Diagnostics) -> (run: RunRecord, first: Int64) {
        let runs = Dictionary(
            contents.runs.filter { ["apply", "destroy", "rollback"].contains($0.kind) }.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first })
        let last = contents.history.last { entry in entry.run.map { runs[$0] != nil } ?? false }
        guard let run = last?.run.flatMap({ runs[$0] }),
            let first = contents.history.first(where: { $0.run == run.id })?.generation
        else {
            throw Diagnostics(
                .error("Nothing to go back to", "The state knows no run that has changed something of this stack."))
        }
        guard run.kind != "rollback" else {
            throw Diagnostics(
                .error(
                    "The newest run was a rollback",
                    "The run \(run.id.prefix(8)) has gone back already. To go back further, or forth again, name the "
                        + "generation or the run: `plumb state history` lists them, `plumb state rollback` takes one."))
        }
        return (run, first)
    }

    /// The recorded values at a generation.
    ///
    /// - Throws: where the history of an address does not go back that far.
    func values(at generation: Int64) throws(Diagnostics) -> [ResourceAddress: Value] {
        var values = Dictionary(
            contents.resources.filter { $0.deposedKey == nil }.map { ($0.address, $0.values) },
            uniquingKeysWith: { first, _ in first })
        var oldest: [ResourceAddress: HistoryEntry] = [:]
        for entry in contents.history.reversed() where entry.deposedKey == nil {
            oldest[entry.address] = entry
            guard entry.generation > generation, entry.movedFrom == nil else { continue }
            values[entry.address] = entry.before
        }
        let forgotten = oldest.values.filter { $0.generation > generation && $0.before != nil && $0.movedFrom == nil }
        guard let first = forgotten.min(by: { $0.address < $1.address }) else { return values }
        throw Diagnostics(
            .error(
                "History does not go back that far",
                "Of \(first.address)\(forgotten.count > 1 ? " and \(forgotten.count - 1) more" : "") the state keeps changes "
                    + "from generation \(first.generation) on, so that what was recorded at generation \(generation) is not "
                    + "known any more.", address: first.address))
    }

    /// In the order of addresses.
    func differences(from old: Int64, to new: Int64) throws(Diagnostics) -> [StateDifference] {
        let (before, after) = (try values(at: old), try values(at: new))
        return Set(before.keys).union(after.keys).sorted().compactMap { address in
            guard before[address] != after[address] else { return nil }
            return StateDifference(address: address, before: before[address], after: after[address])
        }
    }

    /// The resources that are not there now, in the order in which they were first created.
    func creationOrder(of addresses: Set<ResourceAddress>) -> [ResourceAddress] {
        var seen: Set<ResourceAddress> = []
        return contents.history.compactMap { entry in
            let resource = entry.address.resource
            return addresses.contains(resource) && seen.insert(resource).inserted ? resource : nil
        }
    }
}

extension StateOperation {
    /// What differs between two points of the state's history.
    ///
    /// - Parameters:
    ///   - old: a generation or a run, which means its end.
    ///   - new: nil means now.
    public func differences(
        from old: String, to new: String?
    ) async throws(Diagnostics) -> [StateDifference] {
        let timeline = StateTimeline(try await openedContents())
        let generation = try timeline.generation(old)
        return try timeline.differences(
            from: generation,
            to: try new.map { (text) throws(Diagnostics) in try timeline.generation(text) }
                ?? timeline.contents.generation)
    }

    /// All that is recorded, with its secrets readable.
    func openedContents() async throws(Diagnostics) -> StateContents {
        _ = try await existingContents()
        let contents = try await translating { () throws(StateBackendError) in try await backend.contents(of: stack) }
        guard let contents else { return try await existingContents() }
        return contents
    }
}
