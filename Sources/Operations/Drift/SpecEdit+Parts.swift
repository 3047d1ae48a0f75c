internal import PlumbModel

/// Takes entries and elements out of collections, and puts others in, in the layout of those that stay.
extension SpecEdit {
    /// An entry of a mapping or an element of a list, as it stands in the file.
    struct Part {
        /// Of its key, its dash, or of what stands before it: an anchor, a tag.
        let start: Int
        let end: Int
    }

    /// Where a value ends that stands behind its key or dash, also where it is an alias.
    ///
    /// - Parameter around: what it stands in; nil where it is known to stand there itself.
    func end(of node: SpecificationNode, behind gap: Int, in around: SpecificationNode?) -> Int {
        let limit = around?.range.end ?? file.bytes.count
        guard node.range.start >= gap, node.range.end <= limit else {
            var end = behindGap(gap, until: limit)
            while end < limit, Self.isOfName(file.bytes[end]) { end += 1 }
            return end
        }
        return keptEnd(of: node)
    }

    /// With the empty lines that a block with `+` has at its end.
    private func keptEnd(of node: SpecificationNode) -> Int {
        switch node.content {
        case .scalar(let scalar):
            guard scalar.style == .literal || scalar.style == .folded else { return node.range.end }
            let header = file.bytes[node.range.start..<endOfLine(node.range.start)]
            let end = endOfLine(node.range.end)
            return header.prefix { "|>+-0123456789".utf8.contains($0) }.contains(UInt8(ascii: "+"))
                ? endOfBlanks(end) : end
        case .sequence(let nodes): return max(node.range.end, lastEnd(of: nodes, in: node))
        case .mapping(let entries): return max(node.range.end, lastEnd(of: entries.map(\.value), in: node))
        }
    }

    private func lastEnd(of nodes: [SpecificationNode], in node: SpecificationNode) -> Int {
        nodes.last { $0.range.start >= node.range.start && $0.range.end <= node.range.end }.map(keptEnd)
            ?? node.range.end
    }

    /// Behind the empty lines that follow, before the line end of the last.
    func endOfBlanks(_ end: Int) -> Int {
        var end = end
        while nextLine(end) < file.bytes.count, isBlank(nextLine(end)..<endOfLine(nextLine(end))) {
            end = endOfLine(nextLine(end))
        }
        return end
    }

    /// Removes and adds parts of a collection.
    ///
    /// - Parameters:
    ///   - parts: all that it has, at least one.
    ///   - removed: indexes, rising.
    ///   - index: of the part behind which is added; -1 for the beginning, nil for the end.
    ///   - empty: what stands for the collection without parts.
    mutating func change(
        _ parts: [Part], of node: SpecificationNode, _ place: Place, _ isFlow: Bool, removed: [Int], added: [String],
        at index: Int?, empty: String
    ) throws(Refusal) {
        guard removed.allSatisfy({ !hasUsedAnchor(parts[$0].start..<parts[$0].end) }) else {
            throw Refusal("what is gone stands at an anchor that an alias repeats elsewhere. Write it out there first")
        }
        let kept = parts.indices.filter { !removed.contains($0) }
        guard let lastKept = kept.last else {
            if added.isEmpty {
                let isBare = file.bytes[place.gap..<node.range.start].allSatisfy {
                    $0 == 0x20 || $0 == 0x0A || $0 == 0x0D
                }
                return replace(
                    (isBare ? place.gap : node.range.start)..<parts[parts.count - 1].end,
                    with: isBare ? " " + empty : empty)
            }
            let (first, last) = (parts[0], parts[parts.count - 1])
            let margin = isFlow ? ", " : lineEnd + String(repeating: " ", count: column(first.start))
            return replace(first.start..<last.end, with: added.joined(separator: margin))
        }
        if isFlow {
            removeFlow(parts, removed, kept, node)
        } else {
            try removeBlock(parts, removed, node)
        }
        guard !added.isEmpty else { return }
        let index = index ?? lastKept
        if isFlow {
            addFlow(added, behind: index, parts, node)
        } else {
            try addBlock(added, behind: index, parts)
        }
    }

    // MARK: - Block

    private mutating func removeBlock(_ parts: [Part], _ removed: [Int], _ node: SpecificationNode) throws(Refusal) {
        var rest = removed[...]
        if rest.first == 0, !beginsLine(parts[0].start) {
            // Behind a dash: the next one moves up to it.
            var last = 0
            while rest.dropFirst().first == last + 1 {
                last += 1
                rest = rest.dropFirst()
            }
            rest = rest.dropFirst()
            let next = nextLine(parts[last].end)
            let indent = file.bytes[next...].prefix { $0 == 0x20 }.count
            replace(parts[0].start..<(next + indent), with: "")
        }
        for index in rest {
            let (start, end) = (startOfLine(parts[index].start), nextLine(parts[index].end))
            guard beginsLine(parts[index].start) else { throw Refusal("it shares its line with others") }
            if end == file.bytes.count, file.bytes.last != 0x0A, start > 0 {
                // The file goes on ending without a line end.
                replace(endOfLine(startOfLine(start - 1))..<end, with: "")
            } else {
                replace(start..<end, with: "")
            }
        }
    }

    private mutating func addBlock(_ added: [String], behind index: Int, _ parts: [Part]) throws(Refusal) {
        let margin = String(repeating: " ", count: column(parts[0].start))
        if index < 0 {
            return insert(added.map { $0 + lineEnd + margin }.joined(), at: parts[0].start)
        }
        insert(added.map { lineEnd + margin + $0 }.joined(), at: endOfLine(parts[index].end))
    }

    // MARK: - Flow

    /// Whether each part has lines of its own, so that comments behind them are theirs, and so has the bracket at the end.
    private func isSpread(_ parts: [Part], _ node: SpecificationNode) -> Bool {
        parts.allSatisfy { beginsLine($0.start) } && beginsLine(node.range.end - 1)
    }

    private mutating func removeFlow(
        _ parts: [Part], _ removed: [Int], _ kept: [Int], _ node: SpecificationNode
    ) {
        let isSpread = isSpread(parts, node)
        for index in removed {
            if isSpread {
                replace(startOfLine(parts[index].start)..<nextLine(parts[index].end), with: "")
            } else if let before = kept.first, before < index {
                replace(parts[index - 1].end..<parts[index].end, with: "")
            } else {
                replace(parts[index].start..<parts[index + 1].start, with: "")
            }
        }
        guard isSpread, let last = kept.last, last + 1 < parts.count,
            comma(behind: parts[parts.count - 1], node) == nil,
            let comma = comma(behind: parts[last], node)
        else { return }
        replace(comma..<(comma + 1), with: "")
    }

    private func comma(behind part: Part, _ node: SpecificationNode) -> Int? {
        let place = behindGap(part.end, until: node.range.end)
        return place < node.range.end && file.bytes[place] == UInt8(ascii: ",") ? place : nil
    }

    private mutating func addFlow(
        _ added: [String], behind index: Int, _ parts: [Part], _ node: SpecificationNode
    ) {
        if index < 0 {
            let margin = isSpread(parts, node) ? lineEnd + String(repeating: " ", count: column(parts[0].start)) : " "
            return insert(added.map { "\($0),\(margin)" }.joined(), at: parts[0].start)
        }
        guard isSpread(parts, node) else { return insert(added.map { ", \($0)" }.joined(), at: parts[index].end) }
        let margin = lineEnd + String(repeating: " ", count: column(parts[index].start))
        let hasComma = comma(behind: parts[index], node) != nil
        if !hasComma { insert(",", at: parts[index].end) }
        let lines = added.map { margin + $0 }.joined(separator: ",")
        insert(lines + (hasComma ? "," : ""), at: endOfLine(parts[index].end))
    }
}
