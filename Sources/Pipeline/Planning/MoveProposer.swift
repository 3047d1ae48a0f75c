internal import PlumbModel
internal import ProviderAPI

/// Notices where what is created looks like what is destroyed, and proposes the `moved` entries that would keep it.
struct MoveProposer {
    let catalogue: ProviderCatalogue

    /// Of more entries than this the rest is a number.
    private static let limit = 20

    private struct Pair {
        let from: ResourceAddress
        let to: ResourceAddress
        let place: SourceLocation?
    }

    /// Nil where nothing looks like a move.
    func proposal(_ changes: [PlannedChange]) -> Diagnostic? {
        let deletions = changes.filter(\.isLeaving)
        guard !deletions.isEmpty else { return nil }
        let types = Set(deletions.map(\.address.type))
        let creations = changes.filter { $0.isArriving && types.contains($0.address.type) }
        guard !creations.isEmpty else { return nil }
        var pairs: [Pair] = []
        var paired: Set<ResourceAddress> = []
        for isIdentity in [true, false] {
            let old = unique(deletions.filter { !paired.contains($0.address) }, isIdentity, \.before)
            let new = unique(creations.filter { !paired.contains($0.address) }, isIdentity, \.after)
            for (key, creation) in new {
                guard let deletion = old[key] else { continue }
                paired.formUnion([creation.address, deletion.address])
                pairs.append(Pair(from: deletion.address, to: creation.address, place: creation.declaredAt))
            }
        }
        guard !pairs.isEmpty else { return nil }
        pairs.sort { $0.from < $1.from }
        return diagnostic(pairs, entries(pairs, deletions))
    }

    // MARK: - Matching

    private struct Key: Hashable {
        let type: String
        let provider: String
        let values: [Value]
    }

    /// By what tells them apart, those that share it with none of the others.
    private func unique(
        _ changes: [PlannedChange], _ isIdentity: Bool, _ values: (PlannedChange) -> Value?
    ) -> [Key: PlannedChange] {
        var found: [Key: PlannedChange] = [:]
        var ambiguous: Set<Key> = []
        for change in changes {
            guard let key = key(change, isIdentity, values(change) ?? .null) else { continue }
            if found.updateValue(change, forKey: key) != nil { ambiguous.insert(key) }
        }
        for key in ambiguous { found[key] = nil }
        return found
    }

    /// The attributes that cannot be changed in place, or all that the spec gives; nil where one of them is not known.
    private func key(_ change: PlannedChange, _ isIdentity: Bool, _ values: Value) -> Key? {
        guard let schema = catalogue.schema(of: change.address.type, .managed, in: change.provider) else { return nil }
        var parts: [Value] = []
        for attribute in schema.attributes where attribute.isSettable && !attribute.isComputed {
            if isIdentity, !attribute.forcesReplacement { continue }
            let value = (values[key: attribute.name] ?? .null).deeplyUnmarked
            guard value.isWhollyKnown else { return nil }
            parts.append(attribute.normalisation?.canonical(value) ?? value)
        }
        if isIdentity, parts.allSatisfy(\.isNull) { return nil }
        return Key(type: change.address.type, provider: change.provider, values: parts)
    }

    // MARK: - Telling

    /// One entry for a whole resource where all its instances keep their keys.
    private func entries(_ pairs: [Pair], _ deletions: [PlannedChange]) -> [String] {
        struct Ends: Hashable {
            let from: ResourceAddress
            let to: ResourceAddress
        }
        let leaving = Dictionary(grouping: deletions, by: \.address.resource).mapValues(\.count)
        var groups: [Ends: [Pair]] = [:]
        var order: [Ends] = []
        for pair in pairs {
            let ends = Ends(from: pair.from.resource, to: pair.to.resource)
            if groups[ends] == nil { order.append(ends) }
            groups[ends, default: []].append(pair)
        }
        return order.flatMap { ends -> [String] in
            let group = groups[ends] ?? []
            let isWhole =
                ends.from != ends.to && group.allSatisfy { $0.from.key == $0.to.key }
                && group.count == leaving[ends.from]
            let moves = isWhole ? [(ends.from, ends.to)] : group.map { ($0.from, $0.to) }
            return moves.map { "  - {from: \($0.written), to: \($1.written)}" }
        }
    }

    private func diagnostic(_ pairs: [Pair], _ entries: [String]) -> Diagnostic {
        let what =
            pairs.count == 1
            ? "\(pairs[0].from) would be destroyed and \(pairs[0].to) created, though both look like the same."
            : "\(pairs.count) resources would be destroyed and created again under other addresses, though they look like "
                + "the same."
        var lines = ["moved:"] + entries.prefix(Self.limit)
        if entries.count > Self.limit { lines.append("  # … and \(entries.count - Self.limit) more") }
        return .warning(
            "Looks like a move",
            "\(what) If only the address has changed, add this to the specs, and nothing is destroyed:\n"
                + lines.map { "  " + $0 }.joined(separator: "\n"), address: pairs[0].to)
    }
}

extension PlannedChange {
    /// Whether it goes because nothing declares it any more.
    fileprivate var isLeaving: Bool {
        action == .delete && deposedKey == nil && [.notDeclared, .keyGone, .wrongRepetition].contains(reason)
    }

    fileprivate var isArriving: Bool { action == .create && reason == .declared }
}
