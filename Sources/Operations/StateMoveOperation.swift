public import PlumbModel
internal import StateBackendAPI

/// `plumb state mv`: gives recorded resources other addresses, without looking at specs or systems.
public struct StateMoveOperation: Sendable {
    private let state: StateOperation
    private let holder: LeaseHolder

    public init(_ state: StateOperation, holder: LeaseHolder) {
        self.state = state
        self.holder = holder
    }

    /// - Parameters:
    ///   - source: a resource, an instance, or a module.
    ///   - target: what it becomes; of the same kind and type.
    /// - Returns: what moved where.
    public func run(_ source: String, to target: String) async throws(Diagnostics) -> [PlannedMove] {
        let (from, to) = (try Self.address(source), try Self.address(target))
        try Self.check(from, to)
        let range = SourceRange(file: SourceFile(path: "", text: ""), start: 0, end: 0)
        let statement = MoveStatement(
            MovedDeclaration(from: from, fromRange: range, to: to, toRange: range), in: [])
        return try await state.editing("state mv", holder).perform { (snapshot, run) throws(Diagnostics) in
            try Self.refuseOpenIntents(snapshot)
            let present = Set(snapshot.resources.map(\.address))
            let moves = present.sorted().compactMap { address in
                statement.target(of: address).map { PlannedMove(from: address, to: $0, declaredAt: nil) }
            }
            guard !moves.isEmpty else { throw Self.unknown(source, snapshot) }
            let leaving = Set(moves.map(\.from))
            if let taken = moves.first(where: { present.contains($0.to) && !leaving.contains($0.to) }) {
                throw Diagnostics(
                    .error(
                        "Address is taken",
                        "\(taken.from) cannot become \(taken.to): the state has a \(taken.to) already. Nothing was moved.",
                        address: taken.to))
            }
            let rows = RowMoves(moves)
            let rewritten = snapshot.resources.map { rows.apply(to: $0) }.filter(\.isRewritten).map(\.record)
            let ordered = RowMoves.ordered(moves)
            return StateEditing.Edit(
                writes: ordered.map { .move($0.from, to: $0.to, run: run) } + rewritten.map { .put($0, run: run) },
                summary: "\(source) to \(target)", told: moves)
        }
    }

    private static func address(_ text: String) throws(Diagnostics) -> MovableAddress {
        if let address = MovableAddress(parsing: text) { return address }
        throw Diagnostics(
            .error(
                "Invalid address",
                "\"\(text)\" is no address. Addresses look like `local_file.motd`, `local_file.config[\"web\"]` or "
                    + "`module.net`; mind the shell's quotes."))
    }

    private static func check(_ from: MovableAddress, _ to: MovableAddress) throws(Diagnostics) {
        switch (from, to) {
        case (.module, .module): return
        case (.resource(let from), .resource(let to)):
            if from.type == to.type, from.mode == to.mode { return }
            throw Diagnostics(
                .error(
                    "Move to another type",
                    "\(from) is a \(from.type) and cannot become a \(to.type): what is there would not fit."))
        case (.module, .resource), (.resource, .module):
            throw Diagnostics(
                .error(
                    "Move between a module and a resource",
                    "A module can become another module, and a resource another resource, but \(from) and \(to) are of "
                        + "different kinds."))
        }
    }

    /// What an interrupted change was about must not change its name before that is settled.
    static func refuseOpenIntents(_ snapshot: StateSnapshot) throws(Diagnostics) {
        guard let open = snapshot.openIntents.first else { return }
        throw Diagnostics(
            .error(
                "An interrupted change is open",
                "An earlier run was stopped in the middle of changing \(open.address). Run `plumb apply` first: it finds out "
                    + "what became of it.", address: open.address))
    }

    static func unknown(_ text: String, _ snapshot: StateSnapshot) -> Diagnostics {
        let names = Set(snapshot.resources.flatMap { [$0.address.description, $0.address.resource.description] })
        let hint = Suggestion.didYouMean(text, among: names)
        return Diagnostics(.error("Unknown resource", "The state has no resource \"\(text)\".\(hint)"))
    }
}
