import PlumbModel

/// Lays out one planned change: a line with its address, reason and place, and below it the values.
struct ChangeWriter {
    /// Values start here, so that the signs of the changes stand out at the left.
    static let indent = 6
    /// So many lines of a resource's values are shown where it is destroyed.
    private static let summaryLines = 3
    private static let briefLimit = 60
    /// Columns for `, … 123 more`.
    private static let reserve = 12

    let showsEverything: Bool
    private let differences: DifferenceWriter
    private let values: ValueWriter

    init(showsEverything: Bool) {
        self.showsEverything = showsEverything
        differences = DifferenceWriter(showsEverything: showsEverything)
        values = ValueWriter(showsEverything: showsEverything)
    }

    /// `isBrief`: the values as a paragraph, for changes that stand among many of their kind.
    func write(_ change: PlannedChange, to canvas: inout Canvas, isBrief: Bool) {
        let group = ChangeGroup(change.action)
        ChangeWriter.writeHeader(
            sign: ChangeGroup.sign(change.action), group.paint, change.address, ReasonText.phrase(change),
            change.declaredAt, to: &canvas)
        switch change.action {
        case .create, .read: writeNew(change.after ?? .null, to: &canvas, isBrief: isBrief)
        case .delete, .forget: writeOld(change.before ?? .null, to: &canvas)
        case .wait: break
        case .update: writeDifferences(change, to: &canvas, collapsesUnknown: false)
        case .replace: writeDifferences(change, to: &canvas, collapsesUnknown: true)
        }
    }

    /// The line of an address. What does not fit goes to the next line.
    static func writeHeader(
        sign: String, _ paint: Paint, _ address: ResourceAddress, _ reason: String, _ place: SourceLocation?,
        to canvas: inout Canvas
    ) {
        canvas.write(sign, paint)
        canvas.spaces(1)
        canvas.write(address.description, .bold)
        if !reason.isEmpty {
            if canvas.column + 2 + VisibleText.columns(of: reason) > canvas.width {
                canvas.newline()
                canvas.spaces(indent)
            } else {
                canvas.spaces(2)
            }
            canvas.words(reason, indent: indent)
        }
        if let place {
            let text = "\(place.path):\(place.line)"
            if canvas.column + 2 + VisibleText.columns(of: text) > canvas.width {
                canvas.newline()
                canvas.spaces(indent)
            } else {
                canvas.spaces(2)
            }
            canvas.write(text, .dim)
        }
        canvas.newline()
    }

    private func writeDifferences(_ change: PlannedChange, to canvas: inout Canvas, collapsesUnknown: Bool) {
        let found = Differences(
            from: change.before ?? .null, to: change.after ?? .null, replacePaths: change.replacePaths)
        differences.write(found, to: &canvas, indent: ChangeWriter.indent, collapsesUnknown: collapsesUnknown)
    }

    private func writeNew(_ value: Value, to canvas: inout Canvas, isBrief: Bool) {
        guard !value.isSensitive, let map = value.asMap else { return writeWhole(value, to: &canvas) }
        if isBrief { return writeBrief(map.map { ($0.key, $0.value) }, to: &canvas) }
        let known = map.filter { !ChangeWriter.isPlainlyUnknown($0.value) }
        let unknown = map.filter { ChangeWriter.isPlainlyUnknown($0.value) }.map { ValueText.key($0.key) }
        values.writeEntries(known, to: &canvas, indent: ChangeWriter.indent)
        guard !unknown.isEmpty else { return }
        canvas.spaces(ChangeWriter.indent)
        canvas.words(
            unknown.joined(separator: ", ") + ": " + ValueText.unknown, indent: ChangeWriter.indent + 2, .dim)
        canvas.newline()
    }

    private static func isPlainlyUnknown(_ value: Value) -> Bool {
        value.isUnknown && !value.isSensitive
    }

    private func writeWhole(_ value: Value, to canvas: inout Canvas) {
        guard !value.isNull else { return }
        canvas.spaces(ChangeWriter.indent - 1)
        values.write(value, to: &canvas, indent: ChangeWriter.indent)
    }

    /// What goes is told by a few lines: enough to know it again.
    private func writeOld(_ value: Value, to canvas: inout Canvas) {
        guard !value.isSensitive, let map = value.asMap else { return writeWhole(value, to: &canvas) }
        if showsEverything { return values.writeEntries(map, to: &canvas, indent: ChangeWriter.indent) }
        // What is short says most in the room there is.
        let texts = map.map { ($0.key, $0.value, ValueText.line($0.value, limit: 28) != nil) }
        let ordered = texts.filter(\.2) + texts.filter { !$0.2 }
        writeBrief(ordered.map { ($0.0, $0.1) }, to: &canvas, lines: ChangeWriter.summaryLines)
    }

    /// `name: "a", ttl: 300, …`; what is not known yet is named last.
    private func writeBrief(_ entries: [(String, Value)], to canvas: inout Canvas, lines: Int = .max) {
        var pieces: [String] = []
        var unknown: [String] = []
        pieces.reserveCapacity(entries.count)
        let room = canvas.width - ChangeWriter.indent - ChangeWriter.reserve
        for (key, value) in entries where !value.isNull {
            if ChangeWriter.isPlainlyUnknown(value) {
                unknown.append(ValueText.key(key))
            } else {
                let label = ValueText.key(key) + ": "
                let limit = min(ChangeWriter.briefLimit, max(16, room - TextWidth.columns(of: label)))
                pieces.append(label + ValueText.brief(value, limit: limit))
            }
        }
        if !unknown.isEmpty { pieces.append("\(unknown.joined(separator: ", ")): \(ValueText.unknown)") }
        guard !pieces.isEmpty else { return }
        canvas.spaces(ChangeWriter.indent)
        var line = 1
        for (index, piece) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            if index > 0 {
                // A comma may follow, or, in the last line, that there is more.
                let reserve = isLast ? 0 : line == lines ? ChangeWriter.reserve : 1
                if canvas.column + 2 + TextWidth.columns(of: piece) + reserve <= canvas.width {
                    canvas.write(", ")
                } else if line < lines {
                    canvas.write(",")
                    canvas.newline()
                    canvas.spaces(ChangeWriter.indent)
                    line += 1
                } else {
                    canvas.write(", … \(pieces.count - index) more", .dim)
                    break
                }
            }
            canvas.write(piece)
        }
        canvas.newline()
    }
}
