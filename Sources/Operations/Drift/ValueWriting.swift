internal import Loading
internal import PlumbModel

/// Writes values as YAML that reads as them again, in the manner of what stands around them.
struct ValueWriting {
    private let lineEnd: String

    init(_ edit: SpecEdit) { lineEnd = edit.lineEnd }

    // MARK: - On one line

    /// A scalar in the style of the one that it replaces where that can hold it; `${` stands for itself.
    func scalar(_ value: Value, style: Scalar.Style = .plain) -> String {
        switch value.kind {
        case .string(let text): quoted(Self.literal(text), style)
        case .number, .bool: style == .singleQuoted || style == .doubleQuoted ? quoted(value.json, style) : value.json
        default: "null"
        }
    }

    /// A text as the spec has it, without expressions.
    static func literal(_ text: String) -> String {
        text.replacing("${", with: "$${").replacing("%{", with: "%%{")
    }

    private func quoted(_ text: String, _ style: Scalar.Style) -> String {
        if style != .singleQuoted, style != .doubleQuoted, Self.isPlain(text) { return text }
        if style == .singleQuoted, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && Self.isPrintable($0) }) {
            return "'" + text.replacing("'", with: "''") + "'"
        }
        // JSON lets controls behind ASCII stand as they are, YAML does not.
        var result = ""
        for scalar in Value.string(text).json.unicodeScalars {
            if Self.isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    /// Readers of YAML differ in what they take for a string: only what is one for all of them stands without quotes.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, last != 0x20 else { return false }
        if isDigit(first) {
            // An address or a version; with one dot it would be a number.
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count > 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }
        }
        guard isLetter(first) || first == UInt8(ascii: "/") else { return false }
        guard bytes.allSatisfy({ isLetter($0) || isDigit($0) || "_./@+=- ".utf8.contains($0) }) else { return false }
        return !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }

    func key(_ name: String) -> String { quoted(name, .plain) }

    func flow(_ value: Value) -> String {
        if let elements = value.asList { return "[\(elements.map(flow).joined(separator: ", "))]" }
        guard let map = value.asMap else { return scalar(value) }
        return "{\(Self.written(map).map { "\(key($0.key)): \(flow($0.value))" }.joined(separator: ", "))}"
    }

    /// What is not set needs no key.
    private static func written(_ map: ValueMap) -> ValueMap { map.filter { !$0.value.isNull } }

    // MARK: - On several lines

    /// What stands behind `key:`, from the space or line end on.
    ///
    /// - Parameter column: of the key.
    func block(_ value: Value, column: Int) -> String {
        let margin = lineEnd + Self.spaces(column + 2)
        if let elements = value.asList, !elements.isEmpty {
            return elements.map { margin + element($0, column: column + 2) }.joined()
        }
        if let map = value.asMap.map(Self.written), !map.isEmpty {
            return map.map { margin + key($0.key) + ":" + block($0.value, column: column + 2) }.joined()
        }
        if let text = value.asString, text.contains("\n"), let lines = BlockText(text, column: column, lineEnd) {
            return " " + lines.text
        }
        return " " + flow(value)
    }

    /// An element of a list, with its dash.
    ///
    /// - Parameter column: of the dash.
    func element(_ value: Value, column: Int) -> String {
        guard let map = value.asMap.map(Self.written), !map.isEmpty else { return "-" + block(value, column: column) }
        let margin = lineEnd + Self.spaces(column + 2)
        return "- "
            + map.map { key($0.key) + ":" + block($0.value, column: column + 2) }.joined(separator: margin)
    }

    static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
