import Expressions
import PlumbModel

/// Takes one mapping of an API file apart: known keys, kinds of values, expressions; collects what is wrong.
struct SectionReader {
    let node: SpecificationNode
    let what: String
    private(set) var problems = Diagnostics()

    /// `what` names the section in sentences: "the type powerdns_zone".
    init(_ node: SpecificationNode, _ what: String, keys: [String]?) {
        self.node = node
        self.what = what
        guard let entries = node.mapping else {
            report("Wrong kind of value", "\(what) must be a mapping, not \(node.phrase).", at: node.range)
            return
        }
        guard let keys else { return }
        for entry in entries where !keys.contains(entry.key) {
            let hint = Suggestion.didYouMean(entry.key, among: keys)
            let list = hint.isEmpty ? " It may have: \(keys.joined(separator: ", "))." : hint
            report("Unknown key", "\(what) has no key \"\(entry.key)\".\(list)", at: entry.keyRange)
        }
    }

    var entries: [SpecificationNode.Entry] { node.mapping ?? [] }

    mutating func report(_ summary: String, _ detail: String, at range: SourceRange) {
        let capital = detail.prefix(1).uppercased() + detail.dropFirst()
        problems.append(.error(summary, capital, at: range))
    }

    mutating func warn(_ summary: String, _ detail: String, at range: SourceRange) {
        let capital = detail.prefix(1).uppercased() + detail.dropFirst()
        problems.append(.warning(summary, capital, at: range))
    }

    mutating func adopt(_ others: Diagnostics) {
        problems.append(others)
    }

    /// Reads a section within this one and takes over what was wrong with it.
    mutating func section<Result>(
        _ node: SpecificationNode, _ what: String, keys: [String]?, _ read: (inout SectionReader) -> Result
    ) -> Result {
        var inner = SectionReader(node, what, keys: keys)
        defer { adopt(inner.problems) }
        return read(&inner)
    }

    mutating func text(_ key: String) -> String? {
        guard let value = node[key] else { return nil }
        if let scalar = value.scalar, scalar.isString { return scalar.text }
        report("Wrong kind of value", "\(what): \(key) must be a string, not \(value.phrase).", at: value.range)
        return nil
    }

    mutating func requiredText(_ key: String) -> String {
        if node[key] == nil, node.mapping != nil {
            report("Missing key", "\(what) must have \"\(key)\".", at: node.range.firstLine)
        }
        return text(key) ?? ""
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let value = node[key] else { return nil }
        if let flag = value.scalar?.value.asBool { return flag }
        report("Wrong kind of value", "\(what): \(key) must be true or false, not \(value.phrase).", at: value.range)
        return nil
    }

    /// A whole number within bounds.
    mutating func count(_ key: String, in bounds: ClosedRange<Int>) -> Int? {
        guard let value = node[key] else { return nil }
        if let count = value.scalar?.value.asInt, bounds.contains(count) { return count }
        report(
            "Wrong kind of value",
            "\(what): \(key) must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound).", at: value.range
        )
        return nil
    }

    mutating func texts(_ key: String) -> [(text: String, range: SourceRange)] {
        guard let value = node[key] else { return [] }
        let items = (value.sequence ?? []).map { ($0.scalar?.text, $0.range) }
        if value.sequence == nil || items.contains(where: { $0.0 == nil }) {
            report("Wrong kind of value", "\(what): \(key) must be a list of strings.", at: value.range)
        }
        return items.compactMap { item in item.0.map { ($0, item.1) } }
    }

    /// Names of attributes; nil where the key is not there.
    mutating func attributes(_ key: String, among known: [String]) -> [String]? {
        guard node[key] != nil else { return nil }
        let names = texts(key)
        for name in names where !known.contains(name.text) {
            let hint = Suggestion.didYouMean(name.text, among: known)
            report("Unknown name", "\(what): there is no attribute \"\(name.text)\".\(hint)", at: name.range)
        }
        return names.map(\.text)
    }

    mutating func statuses(_ key: String) -> Set<Int>? {
        guard let value = node[key] else { return nil }
        let numbers = (value.sequence ?? []).map { $0.scalar?.value.asInt ?? 0 }
        if value.sequence == nil || numbers.contains(where: { !(100...599).contains($0) }) {
            report("Wrong kind of value", "\(what): \(key) must be a list of HTTP statuses: [404].", at: value.range)
        }
        return Set(numbers)
    }

    mutating func duration(_ key: String) -> Duration? {
        guard let text = text(key) else { return nil }
        if let duration = DurationText.read(text), duration > .zero { return duration }
        report(
            "Invalid duration", "\(what): \(key) must be a duration such as 500ms, 2s or 1h30m.",
            at: node[key]?.range ?? node.range)
        return nil
    }

    mutating func expression(_ key: String, _ names: NameCheck) -> ValueExpression? {
        guard let value = node[key] else { return nil }
        return expression(value, names)
    }

    mutating func expression(_ value: SpecificationNode, _ names: NameCheck) -> ValueExpression? {
        do {
            let expression = try ExpressionParser.parse(value)
            try names.check(expression)
            return expression
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// An expression that must be true or false: a constant of another kind is refused here already.
    mutating func condition(_ key: String, _ names: NameCheck) -> ValueExpression? {
        guard let expression = expression(key, names) else { return nil }
        if case .constant(let value, let range) = expression, value.asBool == nil {
            report("Wrong kind of value", "\(what): \(key) must be true or false, as in ${self.size > 0}.", at: range)
        }
        return expression
    }

    /// The entries of a mapping of expressions, in their order.
    mutating func fields(_ key: String, _ names: NameCheck, among known: [String]? = nil) -> [RequestTemplate.Field] {
        guard let value = node[key] else { return [] }
        guard value.mapping != nil else {
            report("Wrong kind of value", "\(what): \(key) must be a mapping, not \(value.phrase).", at: value.range)
            return []
        }
        return section(value, "\(key) of \(what)", keys: known) { section in
            section.entries.compactMap { entry in
                section.expression(entry.value, names).map { RequestTemplate.Field(name: entry.key, value: $0) }
            }
        }
    }
}
