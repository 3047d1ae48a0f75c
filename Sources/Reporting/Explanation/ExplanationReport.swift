public import PlumbModel

/// An explanation as a person reads it: where, what is written, what it is made from, what it is, why it will change.
public struct ExplanationReport: Sendable {
    /// Of more links than this in one section the rest is a number.
    private static let linkLimit = 20
    private static let expressionLimit = 12

    let explanation: Explanation

    public init(_ explanation: Explanation) {
        self.explanation = explanation
    }

    public func render(_ style: TerminalStyle) -> String {
        var canvas = Canvas(style)
        writeHead(&canvas)
        writeExpression(&canvas)
        writeInputs(&canvas)
        writeValues(&canvas)
        writeInstances(&canvas)
        writeReason(&canvas)
        writeLinks("depends on", explanation.dependencies, &canvas)
        writeLinks("needed by", explanation.dependents, &canvas)
        return canvas.text
    }

    // MARK: - What it is

    private func writeHead(_ canvas: inout Canvas) {
        canvas.write(explanation.address, .bold)
        if let place = explanation.declaredAt {
            canvas.spaces(2)
            canvas.write(place.description, .cyan)
        }
        canvas.newline()
        let facts = [
            explanation.provider.map { "\(word) of the provider \($0)" } ?? word,
            explanation.type.map(\.description),
        ].compactMap(\.self)
        canvas.paragraph(facts.joined(separator: ", "), indent: 2, .dim)
        if let summary = explanation.summary { canvas.paragraph(summary, indent: 2) }
    }

    private var word: String {
        switch explanation.kind {
        case .resource, .data:
            let whole = explanation.kind == .data ? "data resource" : "resource"
            return explanation.attributes.isEmpty && explanation.instances.isEmpty && !explanation.values.isEmpty
                ? "attribute of a \(whole)" : whole
        case .variable: return "variable"
        case .local: return "local"
        case .output: return "output"
        case .module: return explanation.isDisabled ? "module, disabled in the specs" : "module"
        }
    }

    private func writeHeading(_ text: String, _ canvas: inout Canvas) {
        canvas.newline()
        canvas.spaces(2)
        canvas.write(text, .bold)
        canvas.write(":", .dim)
        canvas.newline()
    }

    // MARK: - What is written

    private func writeExpression(_ canvas: inout Canvas) {
        guard let text = explanation.expression else {
            if isGivenByProvider { canvas.paragraph("The spec does not give it: the provider does.", indent: 2) }
            return
        }
        writeHeading(explanation.kind == .variable ? "default" : "expression", &canvas)
        let lines = WrittenText.lines(text)
        for line in lines.prefix(Self.expressionLimit) {
            canvas.spaces(4)
            canvas.folded(line, indent: 6)
            canvas.newline()
        }
        if lines.count > Self.expressionLimit {
            canvas.spaces(4)
            canvas.write("… \(Wording.count(lines.count - Self.expressionLimit, "more line"))", .dim)
            canvas.newline()
        }
    }

    /// An attribute that nothing is written for, and of which no secret is hidden either.
    private var isGivenByProvider: Bool {
        word.hasPrefix("attribute") && explanation.values.allSatisfy { $0.version != .declared }
    }

    private func writeInputs(_ canvas: inout Canvas) {
        guard !explanation.inputs.isEmpty else { return }
        writeHeading(explanation.kind == .variable ? "value from" : "inputs", &canvas)
        for input in explanation.inputs {
            canvas.spaces(4)
            canvas.write(input.text)
            canvas.write(" = ", .dim)
            let room = max(24, canvas.width - canvas.column)
            canvas.write(ValueText.brief(input.value, limit: room), ValueText.paint(input.value))
            canvas.newline()
            canvas.spaces(6)
            canvas.words(ExplanationReport.phrase(input), indent: 8, .dim)
            canvas.newline()
        }
    }

    /// Where the value of an input comes from.
    static func phrase(_ input: Explanation.Input) -> String {
        let place = input.declaredAt.map { ", \($0)" } ?? ""
        switch input.origin {
        case .defaultValue: return "its default\(place)"
        case .given(let origin): return "given by \(origin)"
        case .expression(let text):
            let line = WrittenText.line(text)
            return line.isEmpty ? "computed\(place)" : "\(line)\(place)"
        case .recorded: return "recorded, and nothing changes it\(place)"
        case .planned: return "as this plan leaves it\(place)"
        case .afterApply: return "known only after apply\(place)"
        case .read: return "read for this plan\(place)"
        case .readLater: return "read during the apply\(place)"
        case .stack: return "told by the stack itself"
        case .module: return "an output of a module\(place)"
        }
    }

    // MARK: - Values

    private func writeValues(_ canvas: inout Canvas) {
        if !explanation.attributes.isEmpty { return writeAttributes(&canvas) }
        guard !explanation.values.isEmpty else { return }
        let writer = ValueWriter(showsEverything: false)
        if explanation.kind == .variable || explanation.kind == .local {
            guard let value = explanation.value, explanation.kind == .local else { return }
            canvas.newline()
            writeValue("value", value, writer, &canvas)
            return
        }
        canvas.newline()
        if explanation.kind == .module, let outputs = explanation.value {
            return writeValue("outputs", outputs, writer, &canvas)
        }
        for one in explanation.values { writeValue(one.version.rawValue, one.value, writer, &canvas) }
    }

    private func writeValue(_ label: String, _ value: Value, _ writer: ValueWriter, _ canvas: inout Canvas) {
        canvas.spaces(2)
        canvas.write(label, .bold)
        canvas.write(":", .dim)
        writer.write(value, to: &canvas, indent: 4, padding: "declared".utf8.count - label.utf8.count)
    }

    private func writeAttributes(_ canvas: inout Canvas) {
        writeHeading("attributes", &canvas)
        let writer = ValueWriter(showsEverything: false)
        let longest = ValueWriter.alignment(explanation.attributes.map(\.name))
        for attribute in explanation.attributes {
            canvas.spaces(4)
            canvas.write(attribute.name)
            canvas.write(":", .dim)
            writer.write(
                attribute.value, to: &canvas, indent: 6, padding: longest - TextWidth.columns(of: attribute.name))
            guard let text = attribute.expression.map(WrittenText.line), text.contains("${") else { continue }
            canvas.spaces(6)
            canvas.words("= \(text)", indent: 8, .dim)
            canvas.newline()
        }
    }

    private func writeInstances(_ canvas: inout Canvas) {
        guard !explanation.instances.isEmpty else { return }
        writeHeading("instances", &canvas)
        writeLimited(explanation.instances, &canvas) { instance, canvas in canvas.write(instance) }
    }

    // MARK: - Why

    private func writeReason(_ canvas: inout Canvas) {
        guard explanation.kind == .resource || explanation.kind == .data, explanation.instances.isEmpty else { return }
        canvas.newline()
        canvas.spaces(2)
        canvas.write("apply", .bold)
        canvas.write(": ", .dim)
        guard let change = explanation.change else {
            let phrase = explanation.kind == .data ? "only read" : "no change"
            canvas.words(
                explanation.isDisabled ? "nothing: disabled in the specs (enabled is false)" : phrase, indent: 4)
            return canvas.newline()
        }
        let group = ChangeGroup(change.action)
        canvas.words("to \(group.verb): \(ReasonText.phrase(change))", indent: 4, group.paint)
        canvas.newline()
        if word.hasPrefix("attribute"), !explanation.isChanging {
            canvas.paragraph("This attribute stays as it is.", indent: 4)
        }
    }

    private func writeLinks(_ heading: String, _ links: [Explanation.Link], _ canvas: inout Canvas) {
        guard !links.isEmpty else { return }
        writeHeading(heading, &canvas)
        writeLimited(links, &canvas) { link, canvas in
            canvas.write(link.address)
            guard let place = link.declaredAt else { return }
            canvas.spaces(2)
            canvas.write("\(place.path):\(place.line)", .dim)
        }
    }

    private func writeLimited<Element>(
        _ elements: [Element], _ canvas: inout Canvas, _ write: (Element, inout Canvas) -> Void
    ) {
        let shown = elements.count > Self.linkLimit + 2 ? Self.linkLimit : elements.count
        for element in elements.prefix(shown) {
            canvas.spaces(4)
            write(element, &canvas)
            canvas.newline()
        }
        guard shown < elements.count else { return }
        canvas.spaces(4)
        canvas.write("… and \(elements.count - shown) more", .dim)
        canvas.newline()
    }
}

/// Text as it stands in a spec, without the spec's indentation.
enum WrittenText {
    private static let limit = 100

    static func lines(_ text: String) -> [String] {
        let lines = TextLines.block(text).map(TextBlock.expandTabs)
        let margin = lines.dropFirst().filter { !$0.allSatisfy { $0 == " " } }.map(indentation).min() ?? 0
        var result = Array(lines.prefix(1))
        for line in lines.dropFirst() { result.append(String(line.dropFirst(min(margin, indentation(line))))) }
        while result.last?.isEmpty == true { result.removeLast() }
        if result.count > 1, result.first.map(isBlockHeader) ?? false { result.removeFirst() }
        return result
    }

    /// `|`, `>-`, `|2+`: how YAML begins a text of several lines.
    private static func isBlockHeader(_ line: String) -> Bool {
        (line.hasPrefix("|") || line.hasPrefix(">")) && line.dropFirst().allSatisfy { "+-0123456789".contains($0) }
    }

    private static func indentation(_ line: String) -> Int {
        line.firstIndex { $0 != " " }.map { line.distance(from: line.startIndex, to: $0) } ?? line.count
    }

    /// On one line, cut where it is long.
    static func line(_ text: String) -> String {
        let words = lines(text).flatMap { $0.split(separator: " ") }.joined(separator: " ")
        return TextWidth.clip(words, to: limit)
    }
}
