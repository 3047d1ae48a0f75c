internal import Expressions
internal import PlumbModel

/// Makes one import an address of each `import` entry.
struct ImportExpander {
    let references: ReferenceIndex
    let scopes: ModuleScopes
    let requiresValues: Bool
    private(set) var diagnostics = Diagnostics()
    private var places: [ResourceAddress: SourceRange] = [:]

    /// - Parameter requiresValues: false where variables may have no value (`plumb validate`).
    init(references: ReferenceIndex, scopes: ModuleScopes, requiresValues: Bool) {
        self.references = references
        self.scopes = scopes
        self.requiresValues = requiresValues
    }

    mutating func expand(_ declaration: ImportDeclaration) -> [ImportStatement] {
        let (scopes, references, requiresValues) = (scopes, references, requiresValues)
        let found = diagnostics.collect { () throws(Diagnostics) in
            try ImportReader(declaration, references, scopes, requiresValues).statements()
        }
        return (found ?? []).filter { admit($0) }
    }

    private mutating func admit(_ statement: ImportStatement) -> Bool {
        guard let first = places.updateValue(statement.range, forKey: statement.address) else { return true }
        diagnostics.append(
            .error(
                "Imported twice",
                "\(statement.address) is to be imported twice. One address stands for one thing: remove one of the "
                    + "entries.", address: statement.address, at: statement.range,
                notes: [.init("The other one stands here.", at: first)]))
        return false
    }
}

/// Reads one `import` entry.
private struct ImportReader {
    private let declaration: ImportDeclaration
    private let references: ReferenceIndex
    private let scopes: ModuleScopes
    private let requiresValues: Bool
    private let id: ValueExpression
    private let forEach: ValueExpression?
    private let address: AddressTemplate

    init(
        _ declaration: ImportDeclaration, _ references: ReferenceIndex, _ scopes: ModuleScopes, _ requiresValues: Bool
    ) throws(Diagnostics) {
        self.declaration = declaration
        self.references = references
        self.scopes = scopes
        self.requiresValues = requiresValues
        id = try ExpressionParser.parse(declaration.id)
        if let node = declaration.forEach { forEach = try ExpressionParser.parse(node) } else { forEach = nil }
        address = try AddressTemplate(declaration.to)
        var used = address.keys.map(ValueExpression.expression)
        used.append(id)
        if let forEach { used.append(forEach) }
        for expression in used { try references.refuseResources(in: expression, of: "An entry of `import`") }
    }

    func statements() throws(Diagnostics) -> [ImportStatement] {
        guard let forEach else { return try statement(scopes.stack).map { [$0] } ?? [] }
        var meta = ResolvedResource.Meta()
        meta.forEach = forEach
        if !requiresValues, try Evaluator(scope: scopes.stack).evaluate(forEach).isUnknown { return [] }
        let names = try names(meta)
        var statements: [ImportStatement] = []
        for (name, value) in names {
            let each = InstanceScope(scopes, in: 0, key: .name(name), eachValue: value)
            if let statement = try statement(each) { statements.append(statement) }
        }
        return statements
    }

    private func names(_ meta: ResolvedResource.Meta) throws(Diagnostics) -> [(name: String, value: Value)] {
        do throws(Diagnostics) {
            let nobody = ResourceAddress("import", "import")
            guard case .named(let names) = try InstanceExpander(scope: scopes.stack).expand(meta, of: nobody)
            else { preconditionFailure("for_each always gives names") }
            return names
        } catch {
            // The entry has no address before it is expanded.
            throw Diagnostics(error.all.map { .error($0.summary, $0.detail, at: $0.source) })
        }
    }

    /// Nil where a variable that is not given leaves it open (`plumb validate`).
    private func statement(_ scope: InstanceScope) throws(Diagnostics) -> ImportStatement? {
        let evaluator = Evaluator(scope: scope)
        let value = try evaluator.evaluate(id)
        let target = try address.evaluate(evaluator)
        guard let target, !value.isUnknown else {
            guard requiresValues else { return nil }
            throw problem(
                "`id` and the keys of `to` must be known when the plan is made, but \(target == nil ? "a key" : "`id`") is "
                    + "known only after apply.", target == nil ? address.range : id.range)
        }
        guard target.mode == .managed else {
            throw problem("\(target) is a data resource, which is only read. Import managed resources.", address.range)
        }
        if value.containsSensitive {
            throw problem(
                "`id` must not be sensitive: plans show it. Use `nonsensitive(…)` if it may be shown.", id.range)
        }
        guard let text = (try? value.converted(to: .string))?.asString, !text.isEmpty else {
            throw problem("`id` must be a string that is not empty, but it is \(value.type.phrase).", id.range)
        }
        return ImportStatement(
            address: target, id: text, provider: try provider(), range: declaration.to.range)
    }

    private func provider() throws(Diagnostics) -> String? {
        guard let node = declaration.provider else { return nil }
        if let name = node.scalar?.value.asString { return name }
        throw Diagnostics(
            .error("Wrong type", "`provider` must be a name, but it is \(node.phrase).", at: node.range))
    }

    private func problem(_ detail: String, _ range: SourceRange) -> Diagnostics {
        Diagnostics(.error("Invalid import", detail, at: range))
    }
}

/// An address whose keys are expressions: `local_file.a[each.key]`.
private struct AddressTemplate {
    private enum Part {
        case text(String)
        case key(Expression)
    }

    private let parts: [Part]
    let range: SourceRange

    var keys: [Expression] { parts.compactMap { if case .key(let expression) = $0 { expression } else { nil } } }

    init(_ node: SpecificationNode) throws(Diagnostics) {
        range = node.range
        guard let text = node.scalar?.value.asString, !text.contains("${") else {
            throw Self.problem(node.scalar?.text ?? node.phrase, node.range)
        }
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "[") {
            guard let close = Self.end(of: rest[open...]) else { throw Self.problem(text, node.range) }
            parts.append(.text(String(rest[..<open])))
            let inner = String(rest[rest.index(after: open)..<close])
            let file = SourceFile(path: node.range.file.path, text: inner)
            do {
                parts.append(.key(try ExpressionParser.parse(expression: file)))
            } catch {
                throw Self.problem(text, node.range)
            }
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(String(rest)))
        self.parts = parts
    }

    /// The bracket that closes the one at the beginning.
    private static func end(of text: Substring) -> String.Index? {
        var depth = 0
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isQuoted {
                if !isEscaped, character == "\"" { isQuoted = false }
                isEscaped = !isEscaped && character == "\\"
            } else if character == "\"" {
                isQuoted = true
            } else if character == "[" {
                depth += 1
            } else if character == "]" {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    /// Nil where a key is not known.
    func evaluate(_ evaluator: Evaluator<InstanceScope>) throws(Diagnostics) -> ResourceAddress? {
        var text = ""
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .key(let expression):
                let value = try value(of: expression, evaluator)
                if value.isUnknown { return nil }
                guard value.asString != nil || value.asInt != nil, !value.isSensitive else {
                    throw Diagnostics(
                        .error(
                            "Invalid import",
                            "A key in `to` must be a string or a whole number, and not sensitive; this is "
                                + "\(value.type.phrase).", at: range))
                }
                text += "[\(value.json)]"
            }
        }
        guard let address = ResourceAddress(parsing: text) else { throw Self.problem(text, range) }
        return address
    }

    /// Keys are parsed apart from their file: problems of them are told at the whole address.
    private func value(
        of expression: Expression, _ evaluator: Evaluator<InstanceScope>
    ) throws(Diagnostics) -> Value {
        do throws(Diagnostics) {
            return try evaluator.evaluate(expression)
        } catch {
            throw Diagnostics(error.all.map { .error($0.summary, $0.detail, at: range) })
        }
    }

    private static func problem(_ text: String, _ range: SourceRange) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid address",
                "`to` of `import` is the address of a resource, such as `local_file.a`, `local_file.a[\"x\"]` or "
                    + "`local_file.a[each.key]`; here stands \"\(text)\".", at: range))
    }
}
