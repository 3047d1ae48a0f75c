internal import PlumbModel

/// What people have put on hold, as one plan sees it: it stays as it is.
struct HeldAddresses {
    private let holds: [HoldRecord]

    /// - Parameter time: seconds since 1970; holds that have run out count no more.
    init(_ holds: [HoldRecord], at time: Double) {
        self.holds = holds.filter { $0.isActive(at: time) }
    }

    var isEmpty: Bool { holds.isEmpty }

    func hold(of address: ResourceAddress) -> HoldRecord? {
        holds.first { $0.covers(address) }
    }

    /// What a plan has to leave out with all that waits for it: where the instance is not there yet, nothing could be
    /// said to those that wait; and what is held must not lose what it stands on.
    func excludes(_ graph: ResourceGraph, _ snapshot: StateSnapshot, _ mode: Plan.Mode) -> [AddressPattern] {
        guard !holds.isEmpty else { return [] }
        if mode == .destroy { return holds.map { AddressPattern($0.address.isEmpty ? "*" : $0.address) } }
        let recorded = Set(snapshot.resources.map(\.address))
        return graph.nodes.compactMap { node in
            let address = graph.declarations[node.declaration].address.instance(node.key)
            guard address.mode == .managed, !recorded.contains(address), hold(of: address) != nil else { return nil }
            return AddressPattern(address.description)
        }
    }

    /// Says of each hold that it matters to the stack, for how long, and why.
    func warnings() -> Diagnostics {
        Diagnostics(
            holds.map { record in
                let until = record.until.map { " until \(InstantText.utc($0))" } ?? ""
                let subject = record.address.isEmpty ? "The stack" : record.address
                let name = record.address.isEmpty ? "" : " '\(record.address)'"
                return .warning(
                    "Held",
                    "\(subject) is held\(until) by \(record.placedBy): \(record.reason). It stays as it is; "
                        + "`plumb unhold\(name)` ends that.", address: ResourceAddress(parsing: record.address))
            })
    }
}
