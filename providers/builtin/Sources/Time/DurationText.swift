import PlumbModel
import ProviderAPI

/// Durations as people write them: `30s`, `1h30m`, `500ms`.
enum DurationText {
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]

    static let longest: Duration = .seconds(365 * 86_400)

    /// Nil while it is null or unknown.
    static func parse(_ values: Value, _ attribute: String) throws(ProviderError) -> Duration? {
        guard let text = values.attribute(attribute).asString else { return nil }
        guard let duration = parse(text), duration <= longest else {
            throw ProviderError(
                .invalid,
                "\(attribute) is \"\(text)\"; it must be a duration such as 30s, 1h30m or 500ms, of at most 365d.")
        }
        return duration
    }

    private static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var seconds = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let amount = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { $0.isLetter }
            guard let unit = units.first(where: { $0.suffix == word }) else { return nil }
            rest = rest.dropFirst(word.count)
            seconds += amount * unit.seconds
        }
        return text.isEmpty || seconds > 1e9 ? nil : .milliseconds(Int64((seconds * 1000).rounded()))
    }
}
