import PlumbModel

/// Lays out one planned change: a line with its address, reason and place, and below it the values.
struct ChangeWriter {
    /// Values start here, so that the signs of the changes stand out at the left.
    static let indent = 6
    /// So many lines of a resource's values are shown where it is destroyed.
    private static let summaryLines = 3
    private static let briefLimit = 60

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
        if isBrief { return writeBrief(map, to: &canvas) }
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
        writeBrief(map, to: &canvas, lines: ChangeWriter.summaryLines)
    }

    /// `name: "a", ttl: 300, …`
    private func writeBrief(_ map: ValueMap, to canvas: inout Canvas, lines: Int = .max) {
        var unknown: [String] = []
        var line = 0
        var left = 0
        var isFirst = true
        func place(_ piece: String, _ canvas: inout Canvas) -> Bool {
            let columns = TextWidth.columns(of: piece)
            if isFirst {
                canvas.spaces(ChangeWriter.indent)
            } else if canvas.column + 2 + columns > canvas.width {
                guard line + 1 < lines else { return false }
                line += 1
                canvas.write(",", .dim)
                canvas.newline()
                canvas.spaces(ChangeWriter.indent)
            } else {
                canvas.write(", ", .dim)
            }
            isFirst = false
            canvas.write(piece)
            return true
        }
        for entry in map where !entry.value.isNull {
            if ChangeWriter.isPlainlyUnknown(entry.value) {
                unknown.append(ValueText.key(entry.key))
            } else if left > 0 {
                left += 1
            } else {
                let value = ValueText.brief(entry.value, limit: ChangeWriter.briefLimit)
                if !place("\(ValueText.key(entry.key)): \(value)", &canvas) { left += 1 }
            }
        }
        if !unknown.isEmpty, left == 0 {
            _ = place("\(unknown.joined(separator: ", ")): \(ValueText.unknown)", &canvas)
        }
        if left > 0 { canvas.write(", … \(left) more", .dim) }
        if !isFirst { canvas.newline() }
    }
}
