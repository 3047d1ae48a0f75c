/// What differs between two plans of one stack: for a reader who knows the older one.
public struct PlanDelta: Sendable, Hashable, Codable {
    /// Changes that the older plan does not have, or has as something else.
    public var added: [ResourceAddress]
    /// Changes that the newer plan does not have.
    public var gone: [ResourceAddress]
    /// Changes of both, with other values or another action.
    public var different: [ResourceAddress]

    public init(added: [ResourceAddress] = [], gone: [ResourceAddress] = [], different: [ResourceAddress] = []) {
        self.added = added
        self.gone = gone
        self.different = different
    }

    public init(from old: Plan, to new: Plan) {
        let before = Dictionary(old.changes.map { (Key($0), $0) }, uniquingKeysWith: { first, _ in first })
        self.init()
        for change in new.changes {
            guard let earlier = before[Key(change)] else {
                added.append(change.address)
                continue
            }
            if earlier.action != change.action || earlier.after != change.after || earlier.before != change.before {
                different.append(change.address)
            }
        }
        let now = Set(new.changes.map(Key.init))
        gone = old.changes.lazy.filter { !now.contains(Key($0)) }.map(\.address)
    }

    public var isEmpty: Bool { added.isEmpty && gone.isEmpty && different.isEmpty }

    private struct Key: Hashable {
        let address: ResourceAddress
        let deposedKey: String?

        init(_ change: PlannedChange) {
            address = change.address
            deposedKey = change.deposedKey
        }
    }
}
