import PlumbModel

/// Reads durations as people write them: `500ms`, `30s`, `1h30m`.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Nil where the text is no duration, or is longer than can be told in milliseconds.
    static func read(_ text: String) -> Duration? {
        var rest = text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(word.count)
            guard let count = Int64(digits), let unit = units.first(where: { $0.name == word }) else { return nil }
            let (part, isTooLong) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, overflows) = total.addingReportingOverflow(part)
            guard !isTooLong, !overflows else { return nil }
            total = sum
        }
        return text.isEmpty ? nil : .milliseconds(total)
    }
}
