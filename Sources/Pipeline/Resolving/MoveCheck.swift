internal import PlumbModel

/// Refuses `moved` statements that contradict each other: two that name one end, and circles.
struct MoveCheck {
    private(set) var diagnostics = Diagnostics()

    init(_ moves: [MoveStatement]) {
        var sources: [AddressSet: MoveStatement] = [:]
        var targets: [AddressSet: MoveStatement] = [:]
        for move in moves {
            if let other = sources[move.from], other.to != move.to {
                diagnostics.append(
                    Self.ambiguous(
                        "\(move.from) is to have moved to \(other.to), and also to \(move.to). One thing can have only "
                            + "one new address: remove one of the statements.", move.fromRange, other.fromRange))
            }
            if let other = targets[move.to], other.from != move.from {
                diagnostics.append(
                    Self.ambiguous(
                        "\(other.from) is to have moved to \(move.to), and so is \(move.from). Only one thing can have "
                            + "the address: remove one of the statements.", move.toRange, other.toRange))
            }
            sources[move.from] = sources[move.from] ?? move
            targets[move.to] = targets[move.to] ?? move
        }
        guard !diagnostics.hasErrors, case .circle(let members) = MoveOrder(moves).result else { return }
        let circle = members.map { moves[$0] }
        let names = circle.map { "\($0.from) -> \($0.to)" }.joined(separator: ", ")
        diagnostics.append(
            .error(
                "Moves in a circle",
                "These statements lead back to where they begin, so that nobody can say where anything has come from: "
                    + "\(names). Remove one of them.", at: circle.first?.fromRange,
                notes: circle.dropFirst().map { .init("It goes on here.", at: $0.fromRange) }))
    }

    private static func ambiguous(_ detail: String, _ range: SourceRange, _ first: SourceRange) -> Diagnostic {
        .error("Ambiguous move", detail, at: range, notes: [.init("The other statement stands here.", at: first)])
    }
}
