import Expressions
import PlumbModel

/// Takes one mapping of an API file apart: known keys, kinds of values, expressions; collects what is wrong.
struct SectionReader {
    let node: SpecificationNode
    private let what: String
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

    mutating func adopt(_ others: Diagnostics) {
        problems.append(others)
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

    mutating func texts(_ key: String) -> [(text: String, range: SourceRange)] {
        guard let value = node[key] else { return [] }
        let items = (value.sequence ?? []).map { ($0.scalar?.text, $0.range) }
        if value.sequence == nil || items.contains(where: { $0.0 == nil }) {
            report("Wrong kind of value", "\(what): \(key) must be a list of strings.", at: value.range)
        }
        return items.compactMap { item in item.0.map { ($0, item.1) } }
    }

    mutating func statuses(_ key: String) -> Set<Int>? {
        guard let value = node[key] else { return nil }
        let numbers = (value.sequence ?? []).map { $0.scalar?.value.asInt ?? 0 }
        if value.sequence == nil || numbers.contains(where: { !(100...599).contains($0) }) {
            report("Wrong kind of value", "\(what): \(key) must be a list of HTTP statuses: [404].", at: value.range)
        }
        return Set(numbers)
    }

    mutating func duration(_ key: String, default fallback: Duration) -> Duration {
        guard let text = text(key) else { return fallback }
        if let duration = DurationText.read(text) { return duration }
        report("Invalid duration", "\(what): \(key) must be a duration such as 500ms, 2s or 1h30m.", at: node.range)
        return fallback
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

    /// The entries of a mapping of expressions, in their order.
    mutating func fields(_ key: String, _ names: NameCheck) -> [RequestTemplate.Field] {
        guard let value = node[key] else { return [] }
        guard let entries = value.mapping else {
            report("Wrong kind of value", "\(what): \(key) must be a mapping, not \(value.phrase).", at: value.range)
            return []
        }
        return entries.compactMap { entry in
            expression(entry.value, names).map { RequestTemplate.Field(name: entry.key, value: $0) }
        }
    }
}

extension SourceRange {
    /// The range up to the end of its first line: enough to show where a long section begins.
    var firstLine: SourceRange {
        let next = file.offset(ofLine: startPosition.line)
        return SourceRange(file: file, start: start, end: min(end, max(start, next - 1)))
    }
}
