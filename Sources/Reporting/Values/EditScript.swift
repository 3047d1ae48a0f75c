/// One step of turning one sequence into another; the numbers are places in the old and the new one.
enum Edit: Equatable {
    case keep(old: Int, new: Int)
    case remove(old: Int)
    case insert(new: Int)
}

/// Finds the shortest way from one sequence to another (Myers' algorithm), as long as it is short enough to be found
/// cheaply and to be worth reading.
struct EditScript {
    /// So many removals and insertions are looked for; beyond that the whole differing middle is replaced.
    static let bound = 600

    static func edits<Element: Hashable>(from old: [Element], to new: [Element]) -> [Edit] {
        var head = 0
        while head < old.count, head < new.count, old[head] == new[head] { head += 1 }
        var tail = 0
        while tail < old.count - head, tail < new.count - head,
            old[old.count - 1 - tail] == new[new.count - 1 - tail]
        {
            tail += 1
        }
        var edits = (0..<head).map { Edit.keep(old: $0, new: $0) }
        let oldMiddle = head..<(old.count - tail)
        let newMiddle = head..<(new.count - tail)
        if oldMiddle.isEmpty || newMiddle.isEmpty {
            edits += replacement(oldMiddle, newMiddle)
        } else {
            // Numbers compare faster than texts and values do.
            var numbers: [Element: Int32] = [:]
            let script = EditScript(
                old: number(old[oldMiddle], &numbers), new: number(new[newMiddle], &numbers), offset: head)
            edits += script.search() ?? replacement(oldMiddle, newMiddle)
        }
        edits += (0..<tail).map { Edit.keep(old: old.count - tail + $0, new: new.count - tail + $0) }
        return edits
    }

    private let old: [Int32]
    private let new: [Int32]
    private let offset: Int

    private static func replacement(_ old: Range<Int>, _ new: Range<Int>) -> [Edit] {
        old.map(Edit.remove) + new.map(Edit.insert)
    }

    private static func number<Element: Hashable>(
        _ elements: ArraySlice<Element>, _ numbers: inout [Element: Int32]
    ) -> [Int32] {
        elements.map { element in
            if let number = numbers[element] { return number }
            let number = Int32(truncatingIfNeeded: numbers.count)
            numbers[element] = number
            return number
        }
    }

    /// Nil where more than `bound` edits are needed.
    private func search() -> [Edit]? {
        let limit = min(EditScript.bound, old.count + new.count)
        let width = 2 * limit + 3
        // The furthest place in the old sequence reached on each diagonal, after each number of edits.
        var reached = [Int](repeating: 0, count: width)
        var trace: [[Int]] = []
        for count in 0...limit {
            trace.append(Array(reached[(limit + 1 - count)...(limit + 1 + count)]))
            for diagonal in stride(from: -count, through: count, by: 2) {
                let place = limit + 1 + diagonal
                let inserts =
                    diagonal == -count || (diagonal != count && reached[place - 1] < reached[place + 1])
                var x = inserts ? reached[place + 1] : reached[place - 1] + 1
                var y = x - diagonal
                while x < old.count, y < new.count, old[x] == new[y] {
                    x += 1
                    y += 1
                }
                reached[place] = x
                if x >= old.count, y >= new.count { return walkBack(trace) }
            }
        }
        return nil
    }

    private func walkBack(_ trace: [[Int]]) -> [Edit] {
        var edits: [Edit] = []
        var x = old.count
        var y = new.count
        for count in trace.indices.reversed() {
            // What was reached before this edit; the middle of the array is diagonal 0.
            let before = trace[count]
            let diagonal = x - y
            func furthest(_ diagonal: Int) -> Int {
                let place = diagonal + count
                return before.indices.contains(place) ? before[place] : 0
            }
            let inserts =
                diagonal == -count || (diagonal != count && furthest(diagonal - 1) < furthest(diagonal + 1))
            let previousX = count == 0 ? 0 : furthest(inserts ? diagonal + 1 : diagonal - 1)
            let previousY = count == 0 ? 0 : previousX - (inserts ? diagonal + 1 : diagonal - 1)
            while x > previousX, y > previousY {
                x -= 1
                y -= 1
                edits.append(.keep(old: x + offset, new: y + offset))
            }
            guard count > 0 else { break }
            if inserts {
                y -= 1
                edits.append(.insert(new: y + offset))
            } else {
                x -= 1
                edits.append(.remove(old: x + offset))
            }
        }
        return edits.reversed()
    }
}
