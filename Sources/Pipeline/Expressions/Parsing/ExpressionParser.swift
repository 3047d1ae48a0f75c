public import PlumbModel

/// Turns the text of specs into expressions.
public enum ExpressionParser {
    /// All `${…}` and `%{…}` of a node, at any depth.
    ///
    /// A scalar that is one whole `${…}` keeps the expression's type, otherwise it is a string template; `$${` is a
    /// literal `${`. Keys of mappings are literal. All problems of the node are thrown together.
    public static func parse(_ node: SpecificationNode) throws(Diagnostics) -> ValueExpression {
        var reader = NodeReader()
        let expression = reader.read(node, depth: 0)
        try reader.problems.throwIfErrors()
        return expression
    }

    /// A bare expression, such as a line typed at a console: `1 + 2`.
    public static func parse(expression file: SourceFile) throws(Diagnostics) -> Expression {
        guard file.bytes.count <= Bounds.expressionBytes else {
            let range = SourceRange(file: file, start: 0, end: 0)
            throw Diagnostics(.error("Expression too large", Bounds.expressionTooLarge, at: range))
        }
        var parser = Parser(file.bytes, ScalarPositions(file: file, base: 0))
        return try parser.wholeExpression()
    }

    /// A bare expression that stands in a spec without `${…}`, such as an entry of `replace_triggered_by`.
    public static func parse(bare node: SpecificationNode, _ scalar: Scalar) throws(Diagnostics) -> Expression {
        let bytes = Array(scalar.text.utf8)
        guard bytes.count <= Bounds.expressionBytes else {
            throw Diagnostics(.error("Expression too large", Bounds.expressionTooLarge, at: node.range))
        }
        var parser = Parser(bytes, ScalarPositions(text: bytes, scalar: scalar, range: node.range))
        return try parser.wholeExpression()
    }

    /// Whether a bare expression ends inside brackets or a here document, and so wants more lines.
    public static func isUnfinished(_ text: String) -> Bool {
        let file = SourceFile(path: "", text: text)
        guard file.bytes.count <= Bounds.expressionBytes else { return false }
        var parser = Parser(file.bytes, ScalarPositions(file: file, base: 0))
        do {
            _ = try parser.wholeExpression()
            return false
        } catch {
            return parser.wantsMore
        }
    }

    /// The content of a template file, in which only the names in `bound` may be used.
    static func parse(template file: SourceFile, bound: [String]) throws(Diagnostics) -> Expression {
        var parser = Parser(file.bytes, ScalarPositions(file: file, base: 0))
        parser.boundNames = bound
        parser.permitsReferences = false
        return try parser.wholeTemplate()
    }

    /// Whether the text may hold an expression at all; most scalars do not, and are not looked at any further.
    static func mayHoldExpression(_ text: String) -> Bool {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "{"), previous == UInt8(ascii: "$") || previous == UInt8(ascii: "%") { return true }
            previous = byte
        }
        return false
    }
}

/// Reads a node and everything below it, and keeps the problems found on the way.
private struct NodeReader {
    var problems = Diagnostics()

    mutating func read(_ node: SpecificationNode, depth: Int) -> ValueExpression {
        guard depth < Bounds.depth else {
            problems.append(.error("Nested too deeply", Bounds.tooDeep, at: node.range))
            return .constant(.null, node.range)
        }
        switch node.content {
        case .scalar(let scalar): return read(scalar, at: node.range)
        case .sequence(let nodes): return read(nodes, at: node.range, depth: depth)
        case .mapping(let entries): return read(entries, at: node.range, depth: depth)
        }
    }

    private mutating func read(_ scalar: Scalar, at range: SourceRange) -> ValueExpression {
        guard scalar.isString, ExpressionParser.mayHoldExpression(scalar.text) else {
            return .constant(scalar.value, range)
        }
        guard scalar.text.utf8.count <= Bounds.expressionBytes else {
            problems.append(.error("Expression too large", Bounds.expressionTooLarge, at: range))
            return .constant(.null, range)
        }
        do {
            let bytes = Array(scalar.text.utf8)
            var parser = Parser(bytes, ScalarPositions(text: bytes, scalar: scalar, range: range))
            let expression = try parser.wholeTemplate()
            if case .literal(let value) = expression.kind {
                return .constant(value.sensitive(scalar.isDecrypted), range)
            }
            return .expression(scalar.isDecrypted ? sensitive(expression, at: range) : expression)
        } catch {
            problems.append(scalar.isDecrypted ? withoutText(error, at: range) : error)
            return .constant(.null, range)
        }
    }

    /// What is made in an encrypted text is as secret as the text.
    private func sensitive(_ expression: Expression, at range: SourceRange) -> Expression {
        Expression(
            .call(.init(name: "sensitive", nameRange: range, arguments: [expression], expandsLast: false)), at: range)
    }

    /// The problems of an encrypted text, of which none may quote a part.
    private func withoutText(_ problems: Diagnostics, at range: SourceRange) -> Diagnostics {
        Diagnostics(
            problems.all.map { problem in
                .error(
                    problem.summary,
                    "An encrypted text holds `${` or `%{` without a valid expression behind it. If it is meant as it stands, "
                        + "write `$${` or `%%{` for it: `plumb secret edit \(range.file.path)`.", at: range)
            })
    }

    private mutating func read(_ nodes: [SpecificationNode], at range: SourceRange, depth: Int) -> ValueExpression {
        var elements: [ValueExpression] = []
        var constants: [Value] = []
        elements.reserveCapacity(nodes.count)
        for node in nodes {
            let element = read(node, depth: depth + 1)
            if case .constant(let value, _) = element { constants.append(value) }
            elements.append(element)
        }
        return constants.count == elements.count ? .constant(.tuple(constants), range) : .list(elements, range)
    }

    private mutating func read(
        _ entries: [SpecificationNode.Entry], at range: SourceRange, depth: Int
    ) -> ValueExpression {
        var items: [ValueExpression.Entry] = []
        var constants: [(String, Value)] = []
        items.reserveCapacity(entries.count)
        for entry in entries {
            let value = read(entry.value, depth: depth + 1)
            if case .constant(let constant, _) = value { constants.append((entry.key, constant)) }
            items.append(ValueExpression.Entry(key: entry.key, value: value))
        }
        guard constants.count == items.count else { return .object(items, range) }
        return .constant(.object(ValueMap(constants)), range)
    }
}
