internal import Glibc
import PlumbModel

/// The rules that `normalise:` may name; each says which differences in writing are none.
enum NormalisationRules {
    private static let rules: [(name: String, canonical: @Sendable (Value) -> Value)] = [
        ("lowercase", { ofTexts($0) { $0.lowercased() } }),
        ("uppercase", { ofTexts($0) { $0.uppercased() } }),
        ("trailing_dot", { ofTexts($0) { $0.isEmpty || $0.hasSuffix(".") ? $0 : $0 + "." } }),
        ("ip_address", { ofTexts($0, ipAddress) }),
        ("duration", duration),
        ("unordered", unordered),
    ]

    static var names: [String] { rules.map(\.name) }

    /// The rules one after the other; nil for none. Names that are no rules have been refused before.
    static func normalisation(_ names: [String]) -> Normalisation? {
        let chosen = names.compactMap { name in rules.first { $0.name == name }?.canonical }
        guard !chosen.isEmpty else { return nil }
        return Normalisation(names.joined(separator: ", ")) { value in chosen.reduce(untyped(value)) { $1($0) } }
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

    /// `2001:DB8:0::1` and `2001:db8::1` are one address; whatever is no address stays as it is.
    private static func ipAddress(_ text: String) -> String {
        guard text.contains(":") else { return text }
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return text }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count)) != nil else { return text }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Milliseconds; a bare number counts seconds.
    private static func duration(_ value: Value) -> Value {
        if let seconds = value.asInt { return .number(seconds * 1000) }
        guard let text = value.asString else { return value }
        let duration = Int(text).map { Duration.seconds($0) } ?? DurationText.read(text)
        return duration.map { .number(Int($0 / .milliseconds(1))) } ?? value
    }

    private static func unordered(_ value: Value) -> Value {
        guard case .list(let elements, let sequencing) = value.kind else { return value }
        let sorted = elements.sorted { $0.json.utf8.lexicographicallyPrecedes($1.json.utf8) }
        return Value(.list(sorted, sequencing), isSensitive: value.isSensitive)
    }
}
