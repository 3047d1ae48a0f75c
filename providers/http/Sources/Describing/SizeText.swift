import PlumbModel

/// Reads sizes and quantities as people and Kubernetes write them, exactly.
enum SizeText {
    private static let binary: [Substring: Int] = [
        "K": 10, "KIB": 10, "M": 20, "MIB": 20, "G": 30, "GIB": 30, "T": 40, "TIB": 40, "P": 50, "PIB": 50,
    ]
    private static let decimal: [Substring: Int] = ["KB": 3, "MB": 6, "GB": 9, "TB": 12, "PB": 15]
    private static let quantityBinary: [Substring: Int] = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]
    private static let quantityDecimal: [Substring: Int] = [
        "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
    ]

    /// `1.5GiB`, `100 MB`, `512` in bytes; nil where the text is no size, or no whole number of bytes.
    static func size(_ text: String) -> Value? {
        let (number, unit) = split(text)
        let name = Substring(unit.uppercased())
        if name.isEmpty || name == "B" { return scaled(number, times: 1, tenTo: 0).flatMap(\.whole) }
        if let power = binary[name] { return scaled(number, times: 1 << power, tenTo: 0).flatMap(\.whole) }
        return decimal[name].flatMap { scaled(number, times: 1, tenTo: $0)?.whole }
    }

    /// `500m`, `0.5`, `1Gi` as a text that is the same for the same quantity; nil where the text is no quantity.
    static func quantity(_ text: String) -> Value? {
        let (number, unit) = split(text)
        if let power = quantityBinary[unit] { return scaled(number, times: 1 << power, tenTo: 0)?.text }
        return quantityDecimal[unit].flatMap { scaled(number, times: 1, tenTo: $0)?.text }
    }

    private static func split(_ text: String) -> (Substring, Substring) {
        let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        return (number, text[number.endIndex...].drop { $0 == " " })
    }

    /// `digits` times ten to the power of `exponent`, the last digit no zero.
    private struct Scaled {
        let digits: Int
        let exponent: Int

        var whole: Value? {
            guard exponent >= 0 else { return nil }
            var number = digits
            for _ in 0..<exponent {
                let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
                if isTooLarge { return nil }
                number = product
            }
            return .number(number)
        }

        var text: Value { .string("\(digits)e\(exponent)") }
    }

    private static func scaled(_ number: Substring, times factor: Int, tenTo power: Int) -> Scaled? {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard let digits = Int(parts.joined()), number.utf8.count <= 18 else { return nil }
        let (product, isTooLarge) = digits.multipliedReportingOverflow(by: factor)
        guard !isTooLarge else { return nil }
        if product == 0 { return Scaled(digits: 0, exponent: 0) }
        var (rest, exponent) = (product, power - fraction.count)
        while rest % 10 == 0 { (rest, exponent) = (rest / 10, exponent + 1) }
        return Scaled(digits: rest, exponent: exponent)
    }
}
