import PlumbModel

/// The boxes of a drawn graph: all instances of one resource stand in one box, and only arrows that do not follow from
/// others are kept.
struct GraphBoxes {
    struct Box {
        /// The address without the key of an instance.
        let address: String
        let kind: GraphSketch.Node.Kind
        /// Instances with their keys, as they are written; the key of a sole resource is empty.
        var members: [(key: String, action: PlannedChange.Action?)]
    }

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
                boxes.append(Box(address: address, kind: node.kind, members: []))
                known[address] = index
            }
            boxes[index].members.append((key, node.action))
            boxOfNode.append(index)
        }
        var targets = [Set<Int>](repeating: [], count: boxes.count)
        for edge in sketch.edges where boxOfNode.indices.contains(edge.from) && boxOfNode.indices.contains(edge.to) {
            let (from, to) = (boxOfNode[edge.from], boxOfNode[edge.to])
            if from != to { targets[from].insert(to) }
        }
        self.boxes = boxes
        dependencies = GraphBoxes.reduced(targets.map { $0.sorted() })
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
