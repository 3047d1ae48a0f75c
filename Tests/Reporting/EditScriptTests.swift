import Testing

@testable import Reporting

@Suite struct EditScriptTests {
    @Test func isAShortestWay() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let old = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                Int.random(in: 0...3, using: &generator)
            }
            let new = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                Int.random(in: 0...3, using: &generator)
            }
            let edits = EditScript.edits(from: old, to: new)
            #expect(apply(edits, to: old, giving: new) == new, "\(old) -> \(new)")
            let kept = edits.count { if case .keep = $0 { true } else { false } }
            #expect(kept == longestCommon(old, new), "\(old) -> \(new)")
        }
    }

    @Test func replacesWhatIsTooDifferent() {
        let old = Array(0..<50_000)
        let new = old.map { $0 + 100_000 } + [7]
        let edits = EditScript.edits(from: old, to: new)
        #expect(apply(edits, to: old, giving: new) == new)
    }

    /// Walks the script and checks that its places go forward without a gap.
    private func apply(_ edits: [Edit], to old: [Int], giving new: [Int]) -> [Int]? {
        var place = 0
        var result: [Int] = []
        for edit in edits {
            switch edit {
            case .keep(let from, let to):
                guard from == place, to == result.count, old[from] == new[to] else { return nil }
                result.append(old[from])
                place += 1
            case .remove(let from):
                guard from == place else { return nil }
                place += 1
            case .insert(let to):
                guard to == result.count else { return nil }
                result.append(new[to])
            }
        }
        return place == old.count ? result : nil
    }

    private func longestCommon(_ left: [Int], _ right: [Int]) -> Int {
        var row = [Int](repeating: 0, count: right.count + 1)
        for element in left {
            var next = [0]
            for (index, other) in right.enumerated() {
                next.append(element == other ? row[index] + 1 : max(row[index + 1], next[index]))
            }
            row = next
        }
        return row[right.count]
    }
}
