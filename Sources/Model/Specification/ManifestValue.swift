extension SpecificationNode {
    /// The node as the tools of Kubernetes read it: in YAML 1.1, where `0644` is octal and a plain `yes` is true. Manifests
    /// are written for them.
    public var manifestValue: Value {
        switch content {
        case .scalar(let scalar): scalar.manifestValue
        case .sequence(let nodes): .tuple(nodes.map(\.manifestValue))
        case .mapping(let entries): .object(ValueMap(entries.map { ($0.key, $0.value.manifestValue) }))
        }
    }
}

extension Scalar {
    fileprivate var manifestValue: Value {
        guard style == .plain, !isDecrypted else { return value }
        switch text.utf8.first {
        case UInt8(ascii: "0"), UInt8(ascii: "-"), UInt8(ascii: "+"): return octal ?? value
        case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "o"),
            UInt8(ascii: "O"):
            // Only what is a string by YAML 1.2, and has no tag that says what it is.
            guard value.asString == text else { return value }
            if ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].contains(text) { return .bool(true) }
            if ["n", "N", "no", "No", "NO", "off", "Off", "OFF"].contains(text) { return .bool(false) }
            return value
        default: return value
        }
    }

    /// Nil where it is no octal number of YAML 1.1.
    private var octal: Value? {
        guard value.asNumber != nil else { return nil }
        let sign = text.hasPrefix("-") ? "-" : ""
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard digits.count > 1, digits.first == UInt8(ascii: "0"),
            digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }),
            let number = Int64(sign + String(decoding: digits, as: UTF8.self), radix: 8)
        else { return nil }
        return .number(Number.integer(number))
    }
}
