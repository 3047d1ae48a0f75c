internal import Expressions

/// Decides for each token of a YAML text whether it stands on a new line, how far that is indented, and what
/// separates it from the token before.
struct TokenLayout {
    /// A block collection that is open.
    struct Level {
        enum Kind { case mapping, sequence, sequenceWithoutIndent }

        let kind: Kind
        /// Where its entries begin in the source, in characters.
        let sourceColumn: Int
        let column: Int
        /// The entry that was begun last has a key on the line of its `:`.
        var hasSimpleKey = false

        /// Where the lines of an entry's value begin.
        var contentColumn: Int { column + 2 }
    }

    enum Position {
        case sameLine(space: Bool)
        case newLine(indent: Int)
    }

    let text: [UInt8]
    private let hasExpressions: [Bool]
    private var lines = FormattedLines()
    private(set) var levels: [Level] = []
    /// The indentation of what closes each open flow collection.
    private(set) var flows: [Int] = []
    /// The indentation of the line that is written, as far as flow collections count from it.
    private var lineBase = 0
    private(set) var previous: YAMLToken?
    private var previousEnd = 0
    private var levelsBefore: [Level] = []
    /// A key whose text comes next began at this place.
    private(set) var startsEntry = false
    private(set) var opensCollection = false
    private(set) var isKey = false
    /// The `:` that was written last answers a `?`, or has no key.
    private(set) var isExplicitValue = false
    private var document = -1
    private var isInDocument = false
    private var endsLine = true

    init(text: [UInt8], hasExpressions: [Bool]) {
        self.text = text
        self.hasExpressions = hasExpressions
    }

    func result() -> [UInt8] { lines.text(endsLine: endsLine) }

    mutating func take(_ token: YAMLToken) {
        note(token)
        guard !token.isInvisible else { return }
        let gap = TokenGap(text, previousEnd..<max(previousEnd, token.start))
        let position = self.position(of: token, gap)
        write(gap, before: token, at: position)
        guard token.kind != .streamEnd else { return }
        place(position)
        write(token, at: position)
        previous = token
        levelsBefore = levels
        startsEntry = false
        opensCollection = false
    }

    // MARK: - Structure

    private mutating func note(_ token: YAMLToken) {
        countDocuments(token)
        switch token.kind {
        case .blockMappingStart: open(.mapping, at: token.column)
        case .blockSequenceStart: open(.sequence, at: token.column)
        case .blockEnd:
            closeUnindented()
            levels.removeLast()
        case .blockEntry:
            isKey = false
            if levels.last.map({ $0.kind == .mapping }) ?? true { open(.sequenceWithoutIndent, at: token.column) }
        case .key:
            isKey = true
            guard flows.isEmpty else { return }
            closeUnindented()
            startsEntry = token.isInvisible
            if !levels.isEmpty { levels[levels.count - 1].hasSimpleKey = token.isInvisible }
        case .value:
            isKey = false
            if flows.isEmpty { closeUnindented() }
        case .flowEntry, .flowMappingStart, .flowSequenceStart: isKey = false
        default: break
        }
    }

    private mutating func open(_ kind: Level.Kind, at column: Int) {
        levels.append(Level(kind: kind, sourceColumn: column, column: levels.last?.contentColumn ?? 0))
        opensCollection = true
    }

    /// A list whose dashes stand below its key has no end of its own.
    private mutating func closeUnindented() {
        if levels.last?.kind == .sequenceWithoutIndent { levels.removeLast() }
    }

    private mutating func countDocuments(_ token: YAMLToken) {
        switch token.kind {
        case .documentStart:
            document += 1
            isInDocument = true
        case .documentEnd: isInDocument = false
        case .directive, .streamEnd: break
        default:
            if !isInDocument { document += 1 }
            isInDocument = true
        }
    }

    private var spacesExpressions: Bool { hasExpressions.indices.contains(document) && hasExpressions[document] }

    // MARK: - Writing

    private mutating func write(_ gap: TokenGap, before token: YAMLToken, at position: Position) {
        if let trailing = gap.trailing { lines.comment(trailing) }
        var items = gap.items[...]
        if token.kind == .streamEnd, case .blank? = items.last { items.removeLast() }
        for item in items {
            switch item {
            case .blank:
                if case .newLine = position { lines.blank() }
            case .continuation(let comment): lines.continuation(comment)
            case .comment(let comment, let column):
                lines.begin(indent: commentIndent(column, before: token, at: position))
                lines.append(comment)
            }
        }
    }

    /// A comment goes with the token behind it where it is written at its column, or with the collection at whose
    /// depth it stands.
    private func commentIndent(_ column: Int, before token: YAMLToken, at position: Position) -> Int {
        if !flows.isEmpty { return (flows.last ?? 0) + 2 }
        let hasNext: Bool
        switch token.kind {
        case .streamEnd, .documentStart, .documentEnd, .directive: hasNext = false
        default: hasNext = true
        }
        if hasNext, case .newLine(let indent) = position {
            let isFirst = opensCollection && levels.count > levelsBefore.count
            if column == token.column || isFirst || !isEntry(token) { return indent }
        }
        guard var index = levelsBefore.lastIndex(where: { $0.sourceColumn <= column }) else {
            return levelsBefore.first?.column ?? 0
        }
        let isBelow = index == levelsBefore.count - 1 && column > levelsBefore[index].sourceColumn
        if isBelow, previous?.kind == .value || previous?.kind == .blockEntry {
            return levelsBefore[index].contentColumn
        }
        while index > 0, levelsBefore[index - 1].sourceColumn == levelsBefore[index].sourceColumn { index -= 1 }
        return levelsBefore[index].column
    }

    private mutating func place(_ position: Position) {
        switch position {
        case .sameLine(let space):
            if space, !lines.isEmpty { lines.space() }
        case .newLine(let indent):
            lines.begin(indent: indent)
            lineBase = indent
        }
    }

    private mutating func write(_ token: YAMLToken, at position: Position) {
        previousEnd = token.end
        endsLine = true
        switch token.kind {
        case .block: return writeBlock(token)
        case .plain, .singleQuoted, .doubleQuoted: return writeFolded(token, at: position)
        case .flowSequenceStart, .flowMappingStart: flows.append(flowBase(position))
        case .flowEnd: flows.removeLast()
        case .value:
            isExplicitValue = isEntry(token)
            if flows.isEmpty, !levels.isEmpty { levels[levels.count - 1].hasSimpleKey = false }
        default: break
        }
        lines.append(text[token.start..<token.end])
    }

    private mutating func flowBase(_ position: Position) -> Int {
        if flows.isEmpty, case .sameLine = position {
            lineBase = levels.last.map { $0.kind == .mapping ? $0.column : $0.contentColumn } ?? 0
        }
        return lineBase
    }

    private mutating func writeFolded(_ token: YAMLToken, at position: Position) {
        let raw = Array(text[token.start..<token.end])
        let spaced = isKey ? raw : spacing(raw, token.kind)
        guard spaced.contains(0x0A) else { return lines.append(spaced) }
        var indent = levels.last?.contentColumn ?? 2
        if let flow = flows.last { indent = flow + 2 }
        let folded = FoldedLines.lines(of: spaced, indent: indent, isDoubleQuoted: token.kind == .doubleQuoted)
        lines.append(folded[0])
        for line in folded.dropFirst() { lines.verbatim(line) }
    }

    private func spacing(_ raw: [UInt8], _ kind: YAMLToken.Kind) -> [UInt8] {
        // Behind an escape, what is written is not what the expression says.
        guard spacesExpressions, kind != .doubleQuoted || !raw.contains(UInt8(ascii: "\\")) else { return raw }
        let spaced = ExpressionSpacing.spaced(raw)
        guard kind == .plain, spaced != raw else { return spaced }
        // Both would end a plain scalar.
        let isBroken = zip(spaced, spaced.dropFirst()).contains { pair in
            (pair.0 == UInt8(ascii: ":") && pair.1 == 0x20) || (pair.0 == 0x20 && pair.1 == UInt8(ascii: "#"))
        }
        return isBroken ? raw : spaced
    }

    private mutating func writeBlock(_ token: YAMLToken) {
        let scalar = BlockScalar(text, start: token.start, parent: levels.last?.sourceColumn ?? -1)
        lines.append(scalar.header)
        if let comment = scalar.comment { lines.comment(comment) }
        var content = scalar.lines
        if spacesExpressions {
            let spaced = ExpressionSpacing.spaced(Array(content.joined(separator: [0x0A])))
            if !content.isEmpty { content = spaced.split(separator: 0x0A, omittingEmptySubsequences: false) }
        }
        let indent = scalar.explicitIndent.map { (levels.last?.column ?? 0) + $0 } ?? levels.last?.contentColumn ?? 2
        for line in content {
            lines.verbatim(line.isEmpty ? [] : [UInt8](repeating: 0x20, count: indent) + line)
        }
        previousEnd = scalar.end
        endsLine = !scalar.isUnended || scalar.stripsLineEnd
    }
}
