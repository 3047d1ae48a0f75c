internal import PlumbModel

/// Carries what has changed in a value over into the text that it is written as: only what differs is touched.
extension SpecEdit {
    /// Where a value stands.
    struct Place {
        /// Where what may stand before it begins: behind its key, its dash, or the sign before it.
        let gap: Int
        /// Of what it stands in.
        let end: Int
        /// Of its key or dash.
        let column: Int
        let isInFlow: Bool
    }

    /// Writes the difference between two values into a node.
    ///
    /// - Parameters:
    ///   - old: what the node was recorded as, with what the specs do not say.
    ///   - new: what it shall be.
    mutating func change(
        _ node: SpecificationNode, at place: Place, from old: Value, to new: Value
    ) throws(Refusal) {
        if old.isSame(as: new) { return }
        try throwIfShared(node, behind: place.gap, until: place.end)
        switch (node.content, new.kind) {
        case (.mapping(let entries), .map(let map, _)):
            try change(entries, of: node, place, from: old.asMap ?? node.plainValue.asMap ?? [:], to: map)
        case (.sequence(let nodes), .list(let elements, let sequencing)):
            let recorded = old.asList.flatMap { $0.count == nodes.count ? $0 : nil }
            try change(nodes, of: node, place, from: recorded, to: elements, isSet: sequencing == .set)
        default: try replace(node, at: place, with: new)
        }
    }

    // MARK: - Mappings

    private mutating func change(
        _ entries: [SpecificationNode.Entry], of node: SpecificationNode, _ place: Place, from old: ValueMap,
        to new: ValueMap
    ) throws(Refusal) {
        let isFlow = place.isInFlow || isFlow(node)
        let own = entries.filter { $0.keyRange.start >= node.range.start && $0.keyRange.end <= node.range.end }
        var removed: [Int] = []
        var added: [(key: String, value: Value)] = []
        for key in Set(old.keys + new.keys).sorted() {
            let (before, after) = (old[key] ?? .null, new[key] ?? .null)
            if before.isSame(as: after) { continue }
            guard let entry = entries.first(where: { $0.key == key }) else {
                guard !after.isNull else { throw Refusal("the specs do not write \"\(key)\" there, and it is gone") }
                added.append((key, after))
                continue
            }
            guard let index = own.firstIndex(where: { $0.key == key }) else {
                throw Refusal(
                    "\"\(key)\" comes from a merge key (`<<`), where an alias repeats it. Write it out for this resource first"
                )
            }
            let inner = Place(
                gap: behindColon(entry), end: node.range.end, column: column(entry.keyRange.start), isInFlow: isFlow)
            if after.isNull {
                try throwIfShared(entry.value, behind: inner.gap, until: inner.end)
                try throwIfWorkedOut(entry.value, to: after)
                removed.append(index)
            } else {
                try change(entry.value, at: inner, from: before, to: after)
            }
        }
        let parts = own.map { entry in
            Part(start: entry.keyRange.start, end: end(of: entry.value, behind: behindColon(entry), in: node))
        }
        let writing = ValueWriting(self)
        let quotes = own.last.map { file.bytes[$0.keyRange.start] == UInt8(ascii: "\"") } ?? false
        let indent = own.last.map { column($0.keyRange.start) } ?? place.column + 2
        let texts = added.map { key, value in
            (quotes ? Value.string(key).json : writing.key(key)) + ":"
                + (isFlow ? " " + writing.flow(value) : writing.block(value, column: indent))
        }
        if parts.isEmpty {
            guard isFlow, entries.isEmpty else {
                throw Refusal("nothing stands there beside which it could be written")
            }
            return replace(node.range.start..<node.range.end, with: "{\(texts.joined(separator: ", "))}")
        }
        try change(parts, of: node, place, isFlow, removed: removed, added: texts, at: nil, empty: "{}")
    }

    // MARK: - Lists

    private mutating func change(
        _ nodes: [SpecificationNode], of node: SpecificationNode, _ place: Place, from old: [Value]?, to new: [Value],
        isSet: Bool
    ) throws(Refusal) {
        let isFlow = place.isInFlow || isFlow(node)
        let writing = ValueWriting(self)
        if nodes.isEmpty {
            return replace(node.range.start..<node.range.end, with: writing.flow(.tuple(new)))
        }
        var gap = isFlow ? node.range.start + 1 : node.range.start
        var parts: [Part] = []
        var places: [Place] = []
        for element in nodes {
            let start = behindGap(gap, until: node.range.end, commas: isFlow)
            let inner = isFlow ? start : start + 1
            let place = Place(gap: inner, end: node.range.end, column: column(start), isInFlow: isFlow)
            parts.append(Part(start: start, end: end(of: element, behind: inner, in: node)))
            places.append(place)
            gap = parts[parts.count - 1].end
        }
        let difference = ListDifference(nodes, recorded: isSet ? nil : old, new, isSet: isSet)
        for (index, value) in difference.changed {
            let before = isSet ? nodes[index].plainValue : old?[index] ?? nodes[index].plainValue
            try change(nodes[index], at: places[index], from: before, to: value)
        }
        for index in difference.removed {
            try throwIfShared(nodes[index], behind: places[index].gap, until: places[index].end)
            try throwIfWorkedOut(nodes[index], to: .null)
        }
        var rest = difference.removed
        for (index, values) in difference.added.sorted(by: { $0.key < $1.key }) {
            let texts = values.map { isFlow ? writing.flow($0) : writing.element($0, column: column(parts[0].start)) }
            try change(parts, of: node, place, isFlow, removed: rest, added: texts, at: index, empty: "[]")
            rest = []
        }
        if !rest.isEmpty {
            try change(parts, of: node, place, isFlow, removed: rest, added: [], at: nil, empty: "[]")
        }
    }

    // MARK: - Wholes

    /// Writes a value in the place of a node.
    private mutating func replace(
        _ node: SpecificationNode, at place: Place, with value: Value
    ) throws(Refusal) {
        try throwIfWorkedOut(node, to: value)
        let writing = ValueWriting(self)
        let range = node.range.start..<node.range.end
        if let scalar = node.scalar, value.asList == nil, value.asMap == nil {
            if let text = value.asString {
                if scalar.style == .literal || scalar.style == .folded {
                    return replaceBlock(node, scalar, place, with: text)
                }
                // What follows in the line is a comment, and goes behind the sign.
                let line = range.lowerBound..<endOfLine(range.upperBound)
                let comment = String(decoding: file.bytes[range.upperBound..<line.upperBound], as: UTF8.self)
                if scalar.style == .plain, !place.isInFlow, text.contains("\n"),
                    let block = BlockText(
                        text, column: place.column, lineEnd, like: BlockText.Former(comment: comment)),
                    !block.keepsEnd
                {
                    let end = line.upperBound == file.bytes.count && text.hasSuffix("\n") ? lineEnd : ""
                    return replace(line, with: separated(range) + block.text + end)
                }
            }
            return replace(range, with: separated(range) + writing.scalar(value, style: scalar.style))
        }
        let last = end(of: node, behind: place.gap, in: nil)
        let start = isBlankOrLineEnds(place.gap..<node.range.start) ? place.gap : node.range.start
        let text = place.isInFlow ? " " + writing.flow(value) : writing.block(value, column: place.column)
        guard start == place.gap || place.isInFlow else {
            return replace(node.range.start..<last, with: writing.flow(value))
        }
        let isElement = place.isInFlow && file.bytes[..<start].last != UInt8(ascii: ":")
        replace(start..<last, with: isElement ? String(text.dropFirst()) : text)
    }

    private func isBlankOrLineEnds(_ range: Range<Int>) -> Bool {
        file.bytes[range].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
    }

    /// What stands for nothing stands right behind its colon or dash.
    private func separated(_ range: Range<Int>) -> String {
        guard range.isEmpty, let before = file.bytes[..<range.lowerBound].last else { return "" }
        return before == UInt8(ascii: ":") || before == UInt8(ascii: "-") ? " " : ""
    }

    /// A block stays one of its kind where that can hold the text.
    private mutating func replaceBlock(
        _ node: SpecificationNode, _ scalar: Scalar, _ place: Place, with text: String
    ) {
        let headerEnd = endOfLine(node.range.start)
        let header = String(decoding: file.bytes[node.range.start..<headerEnd], as: UTF8.self)
        let signs = header.prefix { "|>+-0123456789".contains($0) }
        var end = node.range.end <= headerEnd ? headerEnd : endOfLine(node.range.end)
        var former = BlockText.Former(isFolded: scalar.style == .folded, comment: String(header.dropFirst(signs.count)))
        let lines = String(decoding: file.bytes[min(nextLine(headerEnd), end)..<end], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }
        if let digit = signs.first(where: \.isNumber)?.wholeNumberValue {
            former.indent = place.column + digit
        } else if let first = lines.first(where: { $0.contains { $0 != " " } }) {
            former.indent = first.prefix { $0 == " " }.count
        }
        former.lines = lines.map { String($0.dropFirst(former.indent ?? 0)) }
        let block = BlockText(text, column: place.column, lineEnd, like: former)
        if signs.contains("+") || block?.keepsEnd == true { end = endOfBlanks(end) }
        var written = block?.text ?? ValueWriting(self).scalar(.string(text), style: .doubleQuoted) + former.comment
        if block != nil, text.hasSuffix("\n"), end == file.bytes.count { written += lineEnd }
        replace(node.range.start..<end, with: written)
    }

    /// Refuses what an expression makes, and what stands encrypted in the file.
    private func throwIfWorkedOut(_ node: SpecificationNode, to value: Value) throws(Refusal) {
        switch node.content {
        case .sequence(let nodes): for node in nodes { try throwIfWorkedOut(node, to: value) }
        case .mapping(let entries): for entry in entries { try throwIfWorkedOut(entry.value, to: value) }
        case .scalar(let scalar):
            if scalar.isDecrypted { throw Refusal("it stands encrypted in the file; `plumb secret edit` changes it") }
            guard scalar.hasExpression else { return }
            let place = node.range.location
            throw Refusal(
                "the value comes from the expression \(scalar.text) (\(place.path):\(place.line)). Change what it is made "
                    + (value.isNull
                        ? "from, or take it out" : "from so that it gives \(value.json), or write that in its place"))
        }
    }
}

extension Scalar {
    /// `$${` and `%%{` stand for text.
    var hasExpression: Bool {
        let rest = text.replacing("$${", with: "").replacing("%%{", with: "")
        return rest.contains("${") || rest.contains("%{")
    }
}
