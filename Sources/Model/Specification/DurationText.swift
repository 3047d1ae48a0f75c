extension Duration {
    /// From a millisecond to a year, in seconds: more is a mistake.
    public static let writableSeconds = 0.001...31_536_000

    /// Reads `90s`, `5m`, `1h30m`, `500ms`, `2d` as seconds; nil where the text is no positive duration.
    public static func seconds(parsing text: String) -> Double? {
        let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400]
        var total = 0.0
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let amount = Double(digits), let factor = units[String(unit)] else { return nil }
            total += amount * factor
        }
        return writableSeconds.contains(total) ? total : nil
    }
}
