import PlumbModel

/// Names and the steps that lead into what they name.
extension Parser {
    /// The words that begin a reference to something other than a resource.
    static let roots = [
        "var", "local", "each", "count", "self", "path", "stack", "env", "data", "module",
    ]

    mutating func reference(_ name: Token) throws(Diagnostics) -> Expression {
        let root = text(name)
        if boundNames.contains(root) {
            return try finish(.reference(.bound(root)), from: name.start, height: 1)
        }
        guard permitsReferences else {
            throw error(
                "Invalid reference",
                "A template file sees only the variables that it is given; \"\(root)\" is none of them."
                    + Suggestion.didYouMean(root, among: boundNames), name.start, name.end)
        }
        let reference: Reference
        switch root {
        case "self": reference = .selfResource
        case "var": reference = .variable(try member(name, "a variable is named var.NAME"))
        case "local": reference = .local(try member(name, "a local is named local.NAME"))
        case "env": reference = .environment(try member(name, "an environment variable is named env.NAME"))
        case "module": reference = .module(try member(name, "a module is named module.NAME"))
        case "each": reference = try member(name, of: ["key", "value"]) == "key" ? .eachKey : .eachValue
        case "count":
            _ = try member(name, of: ["index"])
            reference = .countIndex
        case "path": reference = .path(try member(name, of: ["stack", "module", "root", "cwd"]))
        case "stack": reference = .stack(try member(name, of: ["name", "revision", "branch"]))
        case "data": reference = try resource(name, mode: .data)
        default: reference = try resource(name, mode: .managed)
        }
        return try finish(.reference(reference), from: name.start, height: 1)
    }

    /// The name behind the dot, or nil where there is none.
    private mutating func optionalMember() -> Token? {
        guard token.kind == .dot else { return nil }
        let mark = (token, lexer, lastEnd)
        advance()
        let name = token
        guard take(.identifier) else {
            (token, lexer, lastEnd) = mark
            return nil
        }
        return name
    }

    private mutating func member(_ root: Token, _ usage: String) throws(Diagnostics) -> String {
        guard let name = optionalMember() else {
            throw error(
                "Invalid reference", "\"\(text(root))\" alone names nothing: \(usage).", root.start,
                max(root.end, lastEnd))
        }
        return text(name)
    }

    private mutating func member(_ root: Token, of names: [String]) throws(Diagnostics) -> String {
        let written = names.map { "\(text(root)).\($0)" }
        let choice = written.count == 1 ? "only \(written[0])" : written.joined(separator: ", ")
        let found = try member(root, "there is \(choice)")
        guard names.contains(found) else {
            throw error(
                "Invalid reference",
                "There is no \(text(root)).\(found); there is \(choice)." + Suggestion.didYouMean(found, among: names),
                root.start, lastEnd)
        }
        return found
    }

    private mutating func resource(_ first: Token, mode: ResourceAddress.Mode) throws(Diagnostics) -> Reference {
        guard mode == .data else {
            guard let name = optionalMember() else { throw loneWord(first) }
            return .resource(ResourceAddress(text(first), text(name)))
        }
        guard let type = optionalMember(), let name = optionalMember() else {
            throw error(
                "Invalid reference", "A data resource is named with its type and its name: data.TYPE.NAME.",
                first.start,
                max(first.end, lastEnd))
        }
        return .resource(ResourceAddress(text(type), text(name), mode: .data))
    }

    private func loneWord(_ word: Token) -> Diagnostics {
        let name = text(word)
        let known = boundNames + Parser.roots + ["true", "false", "null"]
        let meant = Suggestion.didYouMean(name, among: known)
        return error(
            "Invalid reference",
            "\"\(name)\" alone names nothing. A resource is named with its type and its name (TYPE.NAME), a variable "
                + "var.\(name), a local local.\(name); text is written in double quotes." + meant, word.start, word.end)
    }

    // MARK: - Steps

    mutating func steps(after operand: Expression, from start: Int) throws(Diagnostics) -> Expression {
        var expression = operand
        while true {
            let height = height
            switch token.kind {
            case .dot:
                let dot = token
                advance()
                if token.kind == .star {
                    advance()
                    let (steps, inner) = try attributeSteps()
                    expression = try finish(.splat(expression, steps), from: start, height: 1 + max(height, inner))
                    continue
                }
                let kind = try dotted(expression, dot)
                expression = try finish(kind, from: start, height: 1 + height)
            case .leftBracket:
                if let splat = try fullSplat(expression, from: start) {
                    expression = splat
                    continue
                }
                let key = try bracketedKey()
                let inner = self.height
                expression = try finish(.index(expression, key), from: start, height: 1 + max(height, inner))
            default: return expression
            }
        }
    }

    /// `.name`, or `.0` as older specs write `[0]`.
    private mutating func dotted(_ operand: Expression, _ dot: Token) throws(Diagnostics) -> Expression.Kind {
        if token.kind == .identifier {
            let name = text(token)
            advance()
            return .attribute(operand, name)
        }
        guard token.kind == .number else {
            throw error(
                "Invalid expression", "The name of an attribute is expected after \".\", not \(describe(token)).")
        }
        guard !lexer.bytes[token.start..<token.end].contains(UInt8(ascii: ".")) else {
            throw error(
                "Invalid expression", "Two indexes in a row are written with brackets: [0][1], not .\(text(token)).")
        }
        token = lexer.digits(from: token.start)
        return .index(operand, try number(from: token.start))
    }

    private mutating func bracketedKey() throws(Diagnostics) -> Expression {
        let open = token
        let key = try enclosed { (parser) throws(Diagnostics) in
            let key = try parser.expression()
            try parser.expect(.rightBracket, "]", closing: open)
            return key
        }
        advance()
        return key
    }

    /// `.*` carries only the attributes that follow it into each element.
    private mutating func attributeSteps() throws(Diagnostics) -> ([Expression.SplatStep], Int) {
        var steps: [Expression.SplatStep] = []
        while let name = optionalMember() {
            steps.append(.attribute(text(name), range(name.start, name.end)))
            guard steps.count < Bounds.depth else { throw error("Nested too deeply", Bounds.tooDeep) }
        }
        return (steps, steps.count)
    }

    /// `[*]` carries all steps that follow it into each element; nil where the bracket holds something else.
    private mutating func fullSplat(_ operand: Expression, from start: Int) throws(Diagnostics) -> Expression? {
        guard nextIsStar() else { return nil }
        let height = height
        let (steps, inner) = try splatSteps()
        return try finish(.splat(operand, steps), from: start, height: 1 + inner + height)
    }

    /// Takes `[*]` and all that follows it, which another `[*]` may be part of.
    private mutating func splatSteps() throws(Diagnostics) -> ([Expression.SplatStep], height: Int) {
        advance()
        advance()
        guard take(.rightBracket) else {
            throw error("Invalid expression", "\"]\" is expected after \"[*\", not \(describe(token)).")
        }
        var steps: [Expression.SplatStep] = []
        var inner = 0
        while steps.count < Bounds.depth {
            let place = token
            if let name = optionalMember() {
                steps.append(.attribute(text(name), range(name.start, name.end)))
            } else if token.kind == .leftBracket, nextIsStar() {
                let (nested, height) = try nested { (parser) throws(Diagnostics) in try parser.splatSteps() }
                steps.append(.splat(nested, range(place.start, lastEnd)))
                inner = max(inner, height)
            } else if token.kind == .leftBracket {
                steps.append(.index(try bracketedKey()))
                inner = max(inner, self.height)
            } else {
                break
            }
        }
        return (steps, steps.count + inner)
    }

    private func nextIsStar() -> Bool {
        var ahead = lexer
        return ahead.next().kind == .star
    }
}
