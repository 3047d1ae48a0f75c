public import PlumbModel
internal import StateBackendAPI

/// `plumb state rm`: forgets recorded resources, which stay as they are.
public struct StateRemoveOperation: Sendable {
    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    /// - Parameter names: resources, instances or modules; each must be recorded.
    /// - Returns: the addresses that were forgotten.
    public func run(_ names: [String]) async throws(Diagnostics) -> [ResourceAddress] {
        let sets = try Self.parse(names)
        return try await state.editing("state rm", holder).perform { (snapshot, run) throws(Diagnostics) in
            try StateMoveOperation.refuseOpenIntents(snapshot)
            for (name, set) in sets where !snapshot.resources.contains(where: { set.contains($0.address) }) {
                throw StateMoveOperation.unknown(name, snapshot)
            }
            let rows = snapshot.resources.filter { row in sets.contains { $0.set.contains(row.address) } }
            return StateEditing.Edit(
                writes: rows.map { .remove($0.address, deposedKey: $0.deposedKey, run: run) },
                summary: names.joined(separator: ", "), told: Set(rows.map(\.address)).sorted())
        }
    }

    /// Forgets what an earlier run has begun and not ended; the rows stay. It is for what no provider can tell the end of.
    ///
    /// - Parameter names: resources, instances or modules; each must have an interrupted change.
    /// - Returns: the addresses whose interrupted changes were forgotten.
    public func forgetInterruptions(_ names: [String]) async throws(Diagnostics) -> [ResourceAddress] {
        let sets = try Self.parse(names)
        return try await state.editing("state rm", holder).perform { (snapshot, _) throws(Diagnostics) in
            for (name, set) in sets where !snapshot.openIntents.contains(where: { set.contains($0.address) }) {
                let names = Set(snapshot.openIntents.map(\.address.description))
                throw Diagnostics(
                    .error(
                        "No interrupted change",
                        "Nothing that was begun on \"\(name)\" is open.\(Suggestion.didYouMean(name, among: names)) "
                            + "`plumb state verify` lists what is."))
            }
            let intents = snapshot.openIntents.filter { intent in sets.contains { $0.set.contains(intent.address) } }
            return StateEditing.Edit(
                writes: intents.map { .conclude(intent: $0.id, .absent) },
                summary: "interrupted changes of " + names.joined(separator: ", "),
                told: Set(intents.map(\.address)).sorted())
        }
    }

    private static func parse(_ names: [String]) throws(Diagnostics) -> [(name: String, set: AddressSet)] {
        var diagnostics = Diagnostics()
        let sets: [(name: String, set: AddressSet)] = names.compactMap { name in
            if let address = MovableAddress(parsing: name) {
                return (name, AddressSet(address, in: [], isWhole: true))
            }
            diagnostics.append(
                .error(
                    "Invalid address",
                    "\"\(name)\" is no address. Addresses look like `local_file.motd`, `local_file.config[\"web\"]` or "
                        + "`module.net`; mind the shell's quotes."))
            return nil
        }
        try diagnostics.throwIfErrors()
        return sets
    }
}
