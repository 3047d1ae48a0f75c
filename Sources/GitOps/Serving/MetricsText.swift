internal import Reconciling

/// Numbers as Prometheus reads them, in its text format 0.0.4.
enum MetricsText {
    static let type = "text/plain; version=0.0.4; charset=utf-8"

    static func write(_ measurements: [Measurement]) -> String {
        var text = ""
        let families = Dictionary(grouping: measurements, by: { name($0.name) })
        for (name, samples) in families.sorted(by: { $0.key < $1.key }) {
            guard let first = samples.first else { continue }
            text += "# HELP \(name) \(escaped(first.help, quotes: false))\n# TYPE \(name) \(first.kind.rawValue)\n"
            var lines = samples.map { (labels($0.labels), $0) }
            // The buckets of a histogram stay in the order of their bounds.
            if first.kind != .histogram { lines.sort { $0.0 < $1.0 } }
            for (labels, sample) in lines { text += "\(name)\(sample.suffix)\(labels) \(number(sample.value))\n" }
        }
        return text
    }

    private static func labels(_ labels: [String: String]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.sorted { $0.key < $1.key }.map { "\(name($0.key))=\"\(escaped($0.value, quotes: true))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    /// What a name may not hold is written as `_`.
    private static func name(_ text: String) -> String {
        var name = String(
            text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") ? $0 : "_" })
        if name.first.map(\.isNumber) ?? true { name = "_" + name }
        return name
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
