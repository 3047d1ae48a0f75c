import PlumbModel

/// The boxes of a drawn graph: all instances of one resource stand in one box, as do many resources of one type that need
/// the same and that nothing needs; and only arrows that do not follow from others are kept.
struct GraphBoxes {
    struct Box {
        /// What the members have in common: `local_file`, `module.a.local_file`.
        let type: String
        /// Nil where the members are resources of their own.
        let name: String?
        let kind: GraphSketch.Node.Kind
        var members: [Member]

        /// It is drawn as a list.
        var isList: Bool { members.count > 1 || members.contains { $0.label != "" } }
    }

    struct Member {
        /// The key of an instance or the name of a resource; empty for a sole resource.
        let label: String
        let address: String
        let action: PlannedChange.Action?
    }

    /// From so many on, resources that stand alike in the graph share a box.
    private static let manyAlike = 8

    let boxes: [Box]
    /// For each box, the boxes that it depends on.
    let dependencies: [[Int]]

    init(_ sketch: GraphSketch) {
        var boxes: [Box] = []
        var boxOfNode: [Int] = []
        var known: [String: Int] = [:]
        for node in sketch.nodes {
            let (address, key) = GraphBoxes.split(node.address)
            let index = known[address] ?? boxes.count
            if index == boxes.count {
                let (type, name) = GraphBoxes.names(address)
                boxes.append(Box(type: type, name: name, kind: node.kind, members: []))
                known[address] = index
            }
            boxes[index].members.append(Member(label: key, address: node.address, action: node.action))
            boxOfNode.append(index)
        }
        var targets = [Set<Int>](repeating: [], count: boxes.count)
        for edge in sketch.edges where boxOfNode.indices.contains(edge.from) && boxOfNode.indices.contains(edge.to) {
            let (from, to) = (boxOfNode[edge.from], boxOfNode[edge.to])
            if from != to { targets[from].insert(to) }
        }
        let reduced = GraphBoxes.reduced(targets.map { $0.sorted() })
        (self.boxes, dependencies) = GraphBoxes.gathered(boxes, reduced)
    }

    /// What stands alike at the end of the graph.
    private struct Alike: Hashable {
        let type: String
        let dependencies: [Int]
    }

    /// Puts many resources that stand alike into one box.
    private static func gathered(_ boxes: [Box], _ dependencies: [[Int]]) -> ([Box], [[Int]]) {
        let needed = Set(dependencies.joined())
        var groups: [Alike: [Int]] = [:]
        for (index, box) in boxes.enumerated()
        where !needed.contains(index) && !box.isList && !dependencies[index].isEmpty {
            groups[Alike(type: box.type, dependencies: dependencies[index]), default: []].append(index)
        }
        let large = groups.values.filter { $0.count >= manyAlike }
        let leaders = Dictionary(large.map { ($0[0], $0) }, uniquingKeysWith: { first, _ in first })
        let followers = Set(large.flatMap { $0.dropFirst() })
        var place: [Int: Int] = [:]
        for index in boxes.indices where !followers.contains(index) { place[index] = place.count }
        var result: [Box] = []
        for (index, box) in boxes.enumerated() where !followers.contains(index) {
            guard let group = leaders[index] else {
                result.append(box)
                continue
            }
            let members = group.map { index in
                Member(
                    label: boxes[index].name ?? "", address: boxes[index].members[0].address,
                    action: boxes[index].members[0].action)
            }
            result.append(Box(type: box.type, name: nil, kind: box.kind, members: members))
        }
        let kept = dependencies.indices.filter { !followers.contains($0) }
        return (result, kept.map { index in dependencies[index].compactMap { place[$0] } })
    }

    /// Type and name: `local_file` and `motd`.
    private static func names(_ address: String) -> (type: String, name: String) {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return ("", address) }
        return (parts.dropLast().joined(separator: "."), String(parts[parts.count - 1]))
    }

    /// `a.b["x"]` is `a.b` and `"x"`.
    static func split(_ address: String) -> (address: String, key: String) {
        let bytes = Array(address.utf8)
        var start: Int?
        var isQuoted = false
        var isClosed = false
        var offset = 0
        while offset < bytes.count {
            isClosed = false
            switch bytes[offset] {
            case UInt8(ascii: "\\") where isQuoted: offset += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "[") where !isQuoted: start = offset
            case UInt8(ascii: "]") where !isQuoted: isClosed = true
            default: break
            }
            offset += 1
        }
        guard isClosed, let start else { return (address, "") }
        return (
            String(decoding: bytes[..<start], as: UTF8.self),
            String(decoding: bytes[(start + 1)..<(bytes.count - 1)], as: UTF8.self)
        )
    }

    /// Dependencies first; boxes whose instances depend on each other crosswise follow in any order.
    static func order(_ dependencies: [[Int]]) -> [Int] {
        var waits = dependencies.map(\.count)
        var dependents = [[Int]](repeating: [], count: dependencies.count)
        for (box, targets) in dependencies.enumerated() { for target in targets { dependents[target].append(box) } }
        var isTaken = [Bool](repeating: false, count: dependencies.count)
        var ready = dependencies.indices.filter { waits[$0] == 0 }
        var next = 0
        var rest = dependencies.indices.makeIterator()
        while true {
            if next == ready.count {
                guard let box = rest.next() else { return ready }
                if !isTaken[box], !ready.contains(box) { ready.append(box) }
                continue
            }
            let box = ready[next]
            next += 1
            guard !isTaken[box] else { continue }
            isTaken[box] = true
            for dependent in dependents[box] {
                waits[dependent] -= 1
                if waits[dependent] == 0, !isTaken[dependent] { ready.append(dependent) }
            }
        }
    }

    /// Without the arrows that follow from others.
    private static func reduced(_ dependencies: [[Int]]) -> [[Int]] {
        let words = dependencies.count / 64 + 1
        var reached = [[UInt64]](repeating: [UInt64](repeating: 0, count: words), count: dependencies.count)
        var result = dependencies
        for box in order(dependencies) {
            var below = [UInt64](repeating: 0, count: words)
            for target in dependencies[box] { for word in 0..<words { below[word] |= reached[target][word] } }
            result[box] = dependencies[box].filter { below[$0 / 64] & (1 << UInt64($0 % 64)) == 0 }
            for target in dependencies[box] { below[target / 64] |= 1 << UInt64(target % 64) }
            reached[box] = below
        }
        return result
    }
}
