internal import PlumbModel

/// Where the values and comments of a file stand in its text, so that each can be replaced and all else stays as it is.
struct TextLayout {
    /// A value, with what its replacement has to fit into.
    struct Leaf {
        let scalar: Scalar
        /// The keys that lead to it, from the outside in.
        let keys: [String]
        let range: Range<Int>
        /// Between braces or brackets, as all of JSON is.
        let isInFlow: Bool
        /// Of the key or the dash that it stands behind.
        let column: Int
    }

    struct Comment {
        /// From behind the `#` to the end of the line.
        let range: Range<Int>
        /// The keys that lead to the mapping or list that it stands in.
        let keys: [String]
    }

    /// An entry of a mapping or an element of a list.
    private struct Item {
        let start: Int
        let column: Int
        /// The keys that lead to the collection it stands in.
        let keys: [String]
        /// The item that the collection belongs to; nil at the top.
        let parent: Int?
    }

    private let file: SourceFile
    private let section: Range<Int>?
    private(set) var leaves: [Leaf] = []
    private(set) var comments: [Comment] = []
    private var items: [Item] = []
    /// Keys and values, in their order: what stands between them is punctuation, space and comments.
    private var texts: [Range<Int>] = []

    /// - Parameters:
    ///   - root: a mapping.
    ///   - section: a part of the text that is passed over.
    /// - Throws: aliases, anchors, tags and what else cannot be encrypted part by part.
    init(_ root: SpecificationNode, without section: Range<Int>? = nil) throws(Diagnostics) {
        file = root.range.file
        self.section = section
        try walk(root, [], parent: nil, column: column(root.range.start), isInFlow: false)
        try findComments()
    }

    private func column(_ offset: Int) -> Int {
        var start = offset
        while start > 0, file.bytes[start - 1] != 0x0A { start -= 1 }
        return offset - start
    }

    // MARK: - Values

    private mutating func walk(
        _ node: SpecificationNode, _ keys: [String], parent: Int?, column: Int, isInFlow: Bool
    ) throws(Diagnostics) {
        let range = node.range.start..<node.range.end
        let first = range.lowerBound < file.bytes.count ? file.bytes[range.lowerBound] : 0
        switch node.content {
        case .scalar(let scalar):
            try take(range, node.range)
            leaves.append(Leaf(scalar: scalar, keys: keys, range: range, isInFlow: isInFlow, column: column))
        case .sequence(let elements):
            let isFlow = isInFlow || first == UInt8(ascii: "[")
            for element in elements {
                let dash = isFlow ? element.range.start : dash(before: element.range.start)
                let place = self.column(dash)
                items.append(Item(start: dash, column: place, keys: keys, parent: parent))
                try walk(element, keys, parent: items.count - 1, column: place, isInFlow: isFlow)
            }
        case .mapping(let entries):
            let isFlow = isInFlow || first == UInt8(ascii: "{")
            for entry in entries {
                try take(entry.keyRange.start..<entry.keyRange.end, entry.keyRange)
                let place = self.column(entry.keyRange.start)
                items.append(Item(start: entry.keyRange.start, column: place, keys: keys, parent: parent))
                try walk(
                    entry.value, keys + [entry.key], parent: items.count - 1, column: place, isInFlow: isFlow)
            }
        }
    }

    private func dash(before offset: Int) -> Int {
        var place = offset
        while place > 0, file.bytes[place - 1] != UInt8(ascii: "-") { place -= 1 }
        return max(0, place - 1)
    }

    /// What an alias repeats stands at one place and would have to be encrypted for several.
    private mutating func take(_ range: Range<Int>, _ place: SourceRange) throws(Diagnostics) {
        if let last = texts.last, range.lowerBound < last.upperBound { throw repeated(place) }
        if !range.isEmpty { texts.append(range) }
    }

    private func repeated(_ place: SourceRange) -> Diagnostics {
        SOPSFailure.writing(
            place,
            "aliases (`*name`) and merge keys (`<<`) repeat what stands elsewhere, but an encrypted value is bound to its "
                + "one place. Write out what is repeated.")
    }

    // MARK: - Comments

    private mutating func findComments() throws(Diagnostics) {
        var offset = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var next = 0
        var item = 0
        while offset < file.bytes.count {
            if next < texts.count, offset >= texts[next].lowerBound {
                offset = max(offset, texts[next].upperBound)
                next += 1
                continue
            }
            if let section, section.contains(offset) {
                offset = section.upperBound
                continue
            }
            switch file.bytes[offset] {
            case UInt8(ascii: "#"):
                while item < items.count, items[item].start < offset { item += 1 }
                let end = file.bytes[offset...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? file.bytes.count
                comments.append(Comment(range: (offset + 1)..<end, keys: owner(of: offset, next: item)))
                offset = end
            case UInt8(ascii: "&"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "%"):
                let place = SourceRange(file: file, start: offset, end: offset + 1)
                throw SOPSFailure.writing(
                    place,
                    "anchors (`&`), aliases (`*`), tags (`!`) and directives (`%`) cannot stand in an encrypted file. Write "
                        + "the values out.")
            default: offset += 1
            }
        }
        for leaf in leaves where leaf.scalar.style == .literal || leaf.scalar.style == .folded {
            let header = file.bytes[leaf.range].prefix { $0 != 0x0A }
            guard !header.contains(UInt8(ascii: "#")) else {
                throw SOPSFailure.writing(
                    SourceRange(file: file, start: leaf.range.lowerBound, end: leaf.range.lowerBound + header.count),
                    "a comment stands behind the `|` or `>` of a text, where it would be lost. Put it on a line of its own."
                )
            }
        }
    }

    /// As SOPS sees it: behind something, a comment belongs to what that stands in; on a line of its own, to the collection
    /// whose items begin at its column.
    private func owner(of offset: Int, next: Int) -> [String] {
        let column = column(offset)
        let lineStart = offset - column
        let previous = next - 1
        if previous >= 0, items[previous].start >= lineStart { return items[previous].keys }
        if next < items.count, items[next].column == column || previous < 0 { return items[next].keys }
        var candidate = previous >= 0 ? previous : nil
        while let index = candidate {
            if items[index].column <= column { return items[index].keys }
            candidate = items[index].parent
        }
        return next < items.count ? items[next].keys : []
    }
}
