/// In which order `moved` statements act: what moves on moves after it has arrived, and what leaves a module leaves before
/// the module moves.
public struct MoveOrder: Sendable {
    public enum Result: Sendable {
        /// Indexes of the statements.
        case order([Int])
        /// Indexes of statements that lead back to where they begin.
        case circle([Int])
    }

    public let result: Result

    public init(_ moves: [MoveStatement]) {
        guard moves.count > 1 else {
            result = .order(Array(moves.indices))
            return
        }
        let earlier = Self.earlier(moves)
        var order: [Int] = []
        var isDone = [Bool](repeating: false, count: moves.count)
        var isOpen = isDone
        for start in moves.indices where !isDone[start] {
            var path: [(move: Int, next: Int)] = [(start, 0)]
            isOpen[start] = true
            while let top = path.last {
                guard top.next < earlier[top.move].count else {
                    isDone[top.move] = true
                    isOpen[top.move] = false
                    order.append(top.move)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let next = earlier[top.move][top.next]
                if isOpen[next] {
                    let members = path.map(\.move)
                    result = .circle(members[(members.firstIndex(of: next) ?? 0)...].reversed())
                    return
                }
                if !isDone[next] {
                    isOpen[next] = true
                    path.append((next, 0))
                }
            }
        }
        result = .order(order)
    }

    /// For each statement those that act before it.
    private static func earlier(_ moves: [MoveStatement]) -> [[Int]] {
        // There may be very many of them, and most have nothing to do with each other.
        var sources = AddressIndex<Int>()
        var targets = AddressIndex<Int>()
        for (index, move) in moves.enumerated() {
            sources.insert(index, at: move.from)
            targets.insert(index, at: move.to)
        }
        return moves.enumerated().map { index, move in
            targets.overlapping(move.from).union(sources.overlapping(move.from))
                .union(targets.overlapping(move.to)).sorted()
                .filter { $0 != index && move.waits(for: moves[$0]) }
        }
    }
}

extension MoveStatement {
    fileprivate func waits(for other: MoveStatement) -> Bool {
        if from.overlaps(other.to) { return true }
        // What is inside goes before what is around it; what is around arrives before what goes inside.
        return (from.reaches(other.from) && !other.from.reaches(from))
            || (other.to.reaches(to) && !to.reaches(other.to))
    }
}
