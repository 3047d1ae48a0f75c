public import PlumbModel
internal import StateBackendAPI

/// `plumb drift list`, `plumb drift ack`, `plumb hold` and `plumb unhold`: what people say of drift, and what they freeze.
public struct DriftNoteOperation: Sendable {
    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    /// The records of earlier checks, and the holds.
    public func notes() async throws(Diagnostics) -> (drift: [DriftRecord], holds: [HoldRecord]) {
        let snapshot = try await state.snapshot()
        return (snapshot.drift, snapshot.holds)
    }

    /// Says that drift may stay.
    ///
    /// - Parameters:
    ///   - path: one place of the resource; nil: all of them.
    ///   - until: seconds since 1970; nil for good.
    /// - Returns: what was acknowledged.
    public func acknowledge(
        _ text: String, path: String?, until: Double?, reason: String
    ) async throws(Diagnostics) -> [DriftRecord] {
        try Self.throwIfBlank(reason)
        let holder = holder
        return try await state.editing("drift ack", holder).perform { (snapshot, _) throws(Diagnostics) in
            let present = snapshot.drift.filter(\.isPresent)
            let chosen = try Self.choose(text, path, among: present)
            let records = snapshot.drift.map { record in
                var record = record
                guard chosen.contains(where: { $0.address == record.address && $0.path == record.path }) else {
                    return record
                }
                record.status = .acknowledged
                record.acknowledgedUntil = until
                record.reason = reason
                record.actor = holder.description
                return record
            }
            return StateEditing.Edit(writes: [.drift(records)], summary: text, told: chosen)
        }
    }

    /// Others have to be able to tell why something is as it is.
    private static func throwIfBlank(_ reason: String) throws(Diagnostics) {
        if reason.contains(where: { !$0.isWhitespace }) { return }
        throw Diagnostics(
            .error(
                "No reason given",
                "The reason is blank, and whoever finds this later has nothing else to go by. Say why, such as "
                    + "`--reason \"incident 4711\"`."))
    }

    /// The drift that an address and a path name.
    static func choose(
        _ text: String, _ path: String?, among present: [DriftRecord]
    ) throws(Diagnostics) -> [DriftRecord] {
        let ofAddress = present.filter { $0.address.description == text }
        guard !ofAddress.isEmpty else {
            throw Diagnostics(
                .error(
                    "No such drift",
                    "Nothing is known to have drifted at \"\(text)\"."
                        + Suggestion.didYouMean(text, among: Set(present.map(\.address.description)))
                        + " `plumb drift` looks; `plumb drift list` shows what it has found. Mind the shell's quotes."))
        }
        guard let path else { return ofAddress }
        guard let wanted = AttributePath(parsing: path) else {
            throw Diagnostics(
                .error(
                    "Invalid attribute path",
                    "\"\(path)\" is no path of an attribute. Paths look like `content` or `tags[\"owner\"]`."))
        }
        let chosen = ofAddress.filter { wanted.contains($0.path) }
        guard !chosen.isEmpty else {
            throw Diagnostics(
                .error(
                    "No such drift",
                    "\(text) has not drifted at \"\(path)\"."
                        + Suggestion.didYouMean(path, among: Set(ofAddress.map(\.path.description)))
                        + " It has at: \(ofAddress.map(\.path.description).joined(separator: ", "))."))
        }
        return chosen
    }

    /// Freezes a resource, a module, or the whole stack.
    ///
    /// - Parameters:
    ///   - text: an address; nil for the stack.
    ///   - until: seconds since 1970; nil until it is lifted.
    /// - Returns: the hold, with a warning where it holds nothing that is recorded yet.
    public func hold(
        _ text: String?, until: Double?, reason: String
    ) async throws(Diagnostics) -> (hold: HoldRecord, warnings: Diagnostics) {
        try Self.throwIfBlank(reason)
        let address = try Self.address(text)
        let holder = holder
        return try await state.editing("hold", holder).perform { (snapshot, _) throws(Diagnostics) in
            let record = HoldRecord(
                address: address, reason: reason, placedBy: holder.description, placedAt: WallClock.now(), until: until)
            let others = snapshot.holds.filter { $0.address != address && $0.isActive(at: record.placedAt) }
            return StateEditing.Edit(
                writes: [.holds(others + [record])], summary: text ?? "the stack",
                told: (record, Self.warnings(of: record, snapshot)))
        }
    }

    /// A slip of the pen would otherwise be taken for a hold.
    private static func warnings(of hold: HoldRecord, _ snapshot: StateSnapshot) -> Diagnostics {
        let addresses = snapshot.resources.map(\.address)
        guard !hold.address.isEmpty, !addresses.contains(where: hold.covers) else { return Diagnostics() }
        let known = Set(addresses.flatMap { [$0.description, $0.resource.description] })
        return Diagnostics(
            .warning(
                "Nothing there to hold",
                "Nothing is recorded at \"\(hold.address)\"."
                    + "\(Suggestion.didYouMean(hold.address, among: known)) The hold is placed, and keeps it from being created."
            ))
    }

    /// Ends a hold.
    ///
    /// - Parameter text: the address that it was placed on; nil for that of the stack.
    public func release(_ text: String?) async throws(Diagnostics) {
        let address = try Self.address(text)
        try await state.editing("unhold", holder).perform { (snapshot, _) throws(Diagnostics) in
            guard snapshot.holds.contains(where: { $0.address == address }) else {
                let held = snapshot.holds.map { $0.address.isEmpty ? "the stack" : $0.address }
                throw Diagnostics(
                    .error(
                        "Not held",
                        "\(text.map { "\"\($0)\"" } ?? "The stack") is not held."
                            + (held.isEmpty ? " Nothing is." : " Held: \(held.joined(separator: ", "))."))
                )
            }
            return StateEditing.Edit(
                writes: [.holds(snapshot.holds.filter { $0.address != address })], summary: text ?? "the stack",
                told: ())
        }
    }

    private static func address(_ text: String?) throws(Diagnostics) -> String {
        guard let text else { return "" }
        if let address = MovableAddress(parsing: text) { return address.description }
        throw Diagnostics(
            .error(
                "Invalid address",
                "\"\(text)\" is no address. Addresses look like `local_file.motd`, `local_file.config[\"web\"]` or "
                    + "`module.net`; mind the shell's quotes."))
    }
}
