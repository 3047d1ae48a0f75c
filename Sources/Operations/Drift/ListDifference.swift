internal import PlumbModel

/// What becomes of each element of a written list, so that it is another list: as few as possible are touched.
struct ListDifference {
    private(set) var changed: [(index: Int, value: Value)] = []
    /// Rising.
    private(set) var removed: [Int] = []
    /// By the index of the element behind which they stand; -1 at the beginning.
    private(set) var added: [Int: [Value]] = [:]

    /// - Parameter recorded: what the elements are, where that is known one by one.
    init(_ nodes: [SpecificationNode], recorded: [Value]?, _ new: [Value], isSet: Bool) {
        let isSame = { (index: Int, value: Value) in
            recorded.map { $0[index].isSame(as: value) } ?? nodes[index].reads(as: value)
        }
        if isSet {
            var rest = Array(new.indices)
            let left = nodes.indices.filter { index in
                guard let found = rest.firstIndex(where: { isSame(index, new[$0]) }) else { return true }
                rest.remove(at: found)
                return false
            }
            settle(left, rest.map { new[$0] }, behind: nodes.count - 1)
        } else {
            var (i, j) = (0, 0)
            for (index, other) in Self.common(nodes.count, new.count, { isSame($0, new[$1]) }) {
                settle(Array(i..<index), Array(new[j..<other]), behind: index - 1)
                (i, j) = (index + 1, other + 1)
            }
            settle(Array(i..<nodes.count), Array(new[j...]), behind: nodes.count - 1)
        }
    }

    /// Where something stands and something else shall, it is changed.
    private mutating func settle(_ old: [Int], _ new: [Value], behind last: Int) {
        for (index, value) in zip(old, new) { changed.append((index, value)) }
        removed += old.dropFirst(new.count)
        if new.count > old.count { added[last, default: []] += new.dropFirst(old.count) }
    }

    /// The longest common part of two lists, as pairs of indexes.
    private static func common(_ left: Int, _ right: Int, _ isSame: (Int, Int) -> Bool) -> [(Int, Int)] {
        var lengths = Array(repeating: Array(repeating: 0, count: right + 1), count: left + 1)
        for i in (0..<left).reversed() {
            for j in (0..<right).reversed() {
                lengths[i][j] = isSame(i, j) ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
            }
        }
        var pairs: [(Int, Int)] = []
        var (i, j) = (0, 0)
        while i < left, j < right {
            if isSame(i, j) {
                pairs.append((i, j))
                (i, j) = (i + 1, j + 1)
            } else if lengths[i + 1][j] >= lengths[i][j + 1] {
                i += 1
            } else {
                j += 1
            }
        }
        return pairs
    }
}

extension SpecificationNode {
    /// Whether it stands for a value: a number may stand for its text, and what is null for what is left out.
    fileprivate func reads(as value: Value) -> Bool {
        switch content {
        case .scalar(let scalar):
            if scalar.hasExpression { return false }
            let text = scalar.text.replacing("$${", with: "${").replacing("%%{", with: "%{")
            return value.asString.map { $0 == text } ?? (scalar.value.isSame(as: value) || value.json == text)
        case .sequence(let nodes):
            guard let elements = value.asList, elements.count == nodes.count else { return false }
            return zip(nodes, elements).allSatisfy { $0.reads(as: $1) }
        case .mapping(let entries):
            guard let map = value.asMap else { return false }
            return entries.allSatisfy { $0.value.reads(as: map[$0.key] ?? .null) }
                && map.allSatisfy { one in one.value.isNull || entries.contains { $0.key == one.key } }
        }
    }
}
