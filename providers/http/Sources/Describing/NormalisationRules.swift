internal import Glibc
import PlumbModel

/// The rules that `normalise:` may name; each says which differences in writing are none.
enum NormalisationRules {
    private static let rules: [(name: String, canonical: @Sendable (Value) -> Value)] = [
        ("lowercase", { ofTexts($0) { $0.lowercased() } }),
        ("uppercase", { ofTexts($0) { $0.uppercased() } }),
        ("trailing_dot", { ofTexts($0) { $0.isEmpty || $0.hasSuffix(".") ? $0 : $0 + "." } }),
        ("trailing_slash", { ofTexts($0) { $0.isEmpty || $0.hasSuffix("/") ? $0 : $0 + "/" } }),
        ("trim", { ofTexts($0, trimmed) }),
        ("ip_address", { ofTexts($0, ipAddress) }),
        ("duration", duration),
        ("time", { ofTexts($0) { TimeText.canonical($0) ?? $0 } }),
        ("size", { ofScalars($0, SizeText.size) }),
        ("quantity", { ofScalars($0, SizeText.quantity) }),
        ("number", { ofScalars($0, number) }),
        ("json", json),
        ("unordered", unordered),
        ("empty", empty),
    ]

    static var names: [String] { rules.map(\.name) }

    /// The rules one after the other, those of what is within first; nil for none. Names that are no rules have been
    /// refused before.
    static func normalisation(
        _ names: [String], _ nested: [(pattern: AttributePattern, names: [String])] = []
    ) -> Normalisation? {
        let chosen = chosen(names)
        let within = nested.map { (steps: $0.pattern.steps.dropFirst(), rules: self.chosen($0.names)) }
        guard !chosen.isEmpty || !within.isEmpty else { return nil }
        let name = (names + nested.map { "\($0.pattern): \($0.names.joined(separator: ", "))" }).joined(separator: ", ")
        return Normalisation(name) { value in
            let inner = within.reduce(untyped(value)) { value, rule in
                value.changing(rule.steps) { leaf in rule.rules.reduce(leaf) { $1($0) } }
            }
            return chosen.reduce(inner) { $1($0) }
        }
    }

    private static func chosen(_ names: [String]) -> [@Sendable (Value) -> Value] {
        names.compactMap { name in rules.first { $0.name == name }?.canonical }
    }

    /// Whether a spec's list has been given its type yet makes no difference.
    private static func untyped(_ value: Value) -> Value {
        switch value.kind {
        case .list(let elements, let sequencing):
            Value(.list(elements.map(untyped), sequencing == .set ? .set : .tuple), isSensitive: value.isSensitive)
        case .map(let map, _): Value(.map(map.mapValues(untyped), .object), isSensitive: value.isSensitive)
        default: value
        }
    }

    private static func ofTexts(_ value: Value, _ change: (String) -> String) -> Value {
        switch value.kind {
        case .string(let text): Value(.string(change(text)), isSensitive: value.isSensitive)
        case .list(let elements, let sequencing):
            Value(.list(elements.map { ofTexts($0, change) }, sequencing), isSensitive: value.isSensitive)
        default: value
        }
    }

    /// Texts and numbers; what the change knows nothing of stays.
    private static func ofScalars(_ value: Value, _ change: (String) -> Value?) -> Value {
        switch value.kind {
        case .string(let text): change(text)?.sensitive(value.isSensitive) ?? value
        case .number(let number): change(number.description)?.sensitive(value.isSensitive) ?? value
        case .list(let elements, let sequencing):
            Value(.list(elements.map { ofScalars($0, change) }, sequencing), isSensitive: value.isSensitive)
        default: value
        }
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest.drop { $0.isWhitespace })
    }

    /// `2001:DB8:0::1` and `2001:db8::1` are one address; whatever is no address stays as it is.
    private static func ipAddress(_ text: String) -> String {
        guard text.contains(":") else { return text }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var address = in6_addr()
        guard inet_pton(AF_INET6, String(parts[0]), &address) == 1 else { return text }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count)) != nil else { return text }
        let short = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return parts.count == 2 ? "\(short)/\(parts[1])" : short
    }

    /// Milliseconds; a bare number counts seconds.
    private static func duration(_ value: Value) -> Value {
        if let seconds = value.asInt {
            let (milliseconds, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
            return isTooLong ? value : .number(milliseconds)
        }
        guard let text = value.asString else { return value }
        if let seconds = Int(text), let milliseconds = duration(.number(seconds)).asInt { return .number(milliseconds) }
        return DurationText.read(text).map { .number(Int($0 / .milliseconds(1))) } ?? value
    }

    /// `12.50`, `012.5` and 12.5 are one number, however many digits it has; nil for what is none.
    private static func number(_ text: String) -> Value? {
        let isNegative = text.hasPrefix("-")
        let digits = text.drop { $0 == "-" || $0 == "+" }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.count - digits.utf8.count <= 1, parts.contains(where: { !$0.isEmpty }),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let whole = parts[0].drop { $0 == "0" }
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        if whole.isEmpty, fraction.isEmpty { return .string("0") }
        return .string((isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : ".\(fraction)"))
    }

    private static func json(_ value: Value) -> Value {
        guard let text = value.asString, let content = try? Value(json: text) else { return value }
        return .string(content.json)
    }

    private static func unordered(_ value: Value) -> Value {
        guard case .list(let elements, let sequencing) = value.kind else { return value }
        let sorted = elements.map { ($0.json, $0) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        return Value(.list(sorted.map(\.1), sequencing), isSensitive: value.isSensitive)
    }

    private static func empty(_ value: Value) -> Value {
        value.isEmptyOrNull ? .null : value
    }
}

extension Value {
    /// Null, or a text, list or mapping with nothing in it.
    var isEmptyOrNull: Bool {
        switch kind {
        case .null: true
        case .string(let text): text.isEmpty
        case .list(let elements, _): elements.isEmpty
        case .map(let map, _): map.isEmpty
        default: false
        }
    }

    /// With each value that a pattern leads to changed.
    func changing(_ steps: ArraySlice<AttributePattern.Step>, _ change: (Value) -> Value) -> Value {
        guard let step = steps.first else { return change(self) }
        let rest = steps.dropFirst()
        switch (step, kind) {
        case (.key(let key), .map(var map, let mapping)):
            guard let inner = map[key] else { return self }
            map[key] = inner.changing(rest, change)
            return Value(.map(map, mapping), isSensitive: isSensitive)
        case (.index(let index), .list(var elements, let sequencing)):
            guard elements.indices.contains(index) else { return self }
            elements[index] = elements[index].changing(rest, change)
            return Value(.list(elements, sequencing), isSensitive: isSensitive)
        case (.any, .map(let map, let mapping)):
            return Value(.map(map.mapValues { $0.changing(rest, change) }, mapping), isSensitive: isSensitive)
        case (.any, .list(let elements, let sequencing)):
            let changed = elements.map { $0.changing(rest, change) }
            let whole = sequencing == .set ? Value.set(changed) : Value(.list(changed, sequencing))
            return whole.sensitive(isSensitive)
        default: return self
        }
    }
}
