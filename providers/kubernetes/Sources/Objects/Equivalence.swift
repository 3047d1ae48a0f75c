import PlumbModel

/// Tells whether two values are the same to Kubernetes though they are written in different ways: quantities (`1000m` and
/// `1`), durations (`60m` and `1h0m0s`), nothing and something empty, items with fields that nobody has declared.
struct Equivalence {
    /// Whether it is free text, in which `1000m` is no quantity.
    private let isText: Bool

    init(at path: AttributePath) {
        isText = path.steps.enumerated().contains { index, step in
            guard case .key(let key) = step else { return false }
            return Self.texts.contains(key) || (index == 0 && Self.textSections.contains(key))
        }
    }

    private static let texts: Set<String> = [
        "annotations", "args", "command", "env", "labels", "matchLabels", "nodeSelector", "value",
    ]
    private static let textSections: Set<String> = ["binaryData", "data", "metadata", "stringData"]

    /// Whether what is stored is what is declared.
    func holds(_ declared: Value, _ stored: Value) -> Bool {
        if declared.isSame(as: stored) || (Self.isNothing(declared) && Self.isNothing(stored)) { return true }
        switch (declared.kind, stored.kind) {
        case (.string(let left), .string(let right)):
            return !isText && (Quantity.areSame(left, right) || GoDuration.areSame(left, right))
        case (.list(let elements, _), .list(let others, _)):
            guard elements.count == others.count, elements.contains(where: { $0.asMap != nil }) else { return false }
            return zip(elements, others).allSatisfy(covers)
        default: return false
        }
    }

    /// In an item of a list that is one value, what nobody has declared may be a default of a later server.
    private func covers(_ declared: Value, _ stored: Value) -> Bool {
        guard let fields = declared.asMap, stored.asMap != nil else { return holds(declared, stored) }
        return fields.allSatisfy { covers($0.value, stored[key: $0.key] ?? .null) }
    }

    private static func isNothing(_ value: Value) -> Bool {
        value.isEmptyOrNull || (value.asMap?.allSatisfy { isNothing($0.value) } ?? false)
    }
}

/// An amount as Kubernetes writes it: `1`, `1000m`, `1.5Gi`, `2e3`.
enum Quantity {
    /// True where both are quantities of the same size, and one of them has a unit: plain numbers may be anything.
    static func areSame(_ left: String, _ right: String) -> Bool {
        guard let one = size(left), let other = size(right), one.hasUnit || other.hasUnit else { return false }
        return one.size == other.size
    }

    private static let units: [String: Double] = [
        "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "Pi": 1_125_899_906_842_624,
        "Ei": 1_152_921_504_606_846_976,
    ]

    private static func size(_ text: String) -> (size: Double, hasUnit: Bool)? {
        guard let (number, unit) = Decimals.parse(text[...]) else { return nil }
        if unit.isEmpty { return (number.value(times: 1), false) }
        if let factor = units[String(unit)] {
            // Divided, not multiplied by a fraction: so that equal amounts are equal numbers.
            return (factor < 1 ? number.value(dividedBy: (1 / factor).rounded()) : number.value(times: factor), true)
        }
        guard unit.first == "e" || unit.first == "E", let exponent = Int(unit.dropFirst()), abs(exponent) <= 18 else {
            return nil
        }
        let power = (0..<abs(exponent)).reduce(1.0) { product, _ in product * 10 }
        return (exponent < 0 ? number.value(dividedBy: power) : number.value(times: power), true)
    }
}

/// A duration as Go writes it: `1h30m`, `90s`, `1.5h`.
enum GoDuration {
    static func areSame(_ left: String, _ right: String) -> Bool {
        guard let one = nanoseconds(left), let other = nanoseconds(right) else { return false }
        return one == other
    }

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12,
    ]

    private static func nanoseconds(_ text: String) -> Double? {
        var rest = text[...]
        var sum = 0.0
        while !rest.isEmpty {
            guard let (number, tail) = Decimals.parse(rest) else { return nil }
            let unit = tail.prefix { $0.isLetter }
            guard let factor = units[String(unit)] else { return nil }
            sum += number.value(times: factor)
            rest = tail.dropFirst(unit.count)
        }
        return text.isEmpty ? nil : sum
    }
}

/// A decimal number of at most 15 digits, which a double holds exactly.
struct Decimals {
    private let digits: Double
    private let divisor: Double

    /// The number that a text begins with, and what follows it.
    static func parse(_ text: Substring) -> (Decimals, Substring)? {
        var rest = text
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        func digits(_ text: Substring) -> Substring { text.prefix { $0.isASCII && $0.isNumber } }
        let whole = digits(rest)
        rest = rest.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = digits(rest.dropFirst())
            rest = rest.dropFirst(1 + fraction.count)
        }
        let all = String(whole + fraction)
        guard !all.isEmpty, all.count <= 15, let number = Double(all) else { return nil }
        let divisor = (0..<fraction.count).reduce(1.0) { product, _ in product * 10 }
        return (Decimals(digits: isNegative ? -number : number, divisor: divisor), rest)
    }

    func value(times factor: Double) -> Double { digits * factor / divisor }
    func value(dividedBy other: Double) -> Double { digits / (divisor * other) }
}
