internal import PlumbModel

/// How a value is written in YAML or JSON where an encrypted one stood.
struct ScalarWriting {
    let isInFlow: Bool
    /// Of the key or the dash before it.
    let column: Int

    func text(_ opened: SOPSCipher.Opened) -> String {
        switch opened.kind {
        case .integer, .float: return opened.text
        case .bool: return opened.text.lowercased()
        case .string, .bytes, .time, .comment: return text(of: opened.text)
        }
    }

    private func text(of text: String) -> String {
        if isInFlow { return Self.quoted(text) }
        if Self.isPlain(text) { return text }
        return block(text) ?? Self.quoted(text)
    }

    /// Readers of YAML differ in what they take for a string: only what is one for all of them stands without quotes.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, isLetter(first) || first == UInt8(ascii: "/") else { return false }
        guard bytes.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || "_./@+=-".utf8.contains($0) }) else {
            return false
        }
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        return !words.contains(text.lowercased()) && GoScalar.isString(text)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// Several lines as several lines; nil where a block would not give them back.
    private func block(_ text: String) -> String? {
        guard text.utf8.contains(0x0A), let first = text.unicodeScalars.first, first != " ", first != "\n" else {
            return nil
        }
        let isPrintable = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar == "\t" || Self.isPrintable(scalar)
        }
        guard isPrintable else { return nil }
        let ending = text.hasSuffix("\n\n") ? "+" : text.hasSuffix("\n") ? "" : "-"
        let indentation = String(repeating: " ", count: column + 2)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.hasSuffix("\n") { lines.removeLast() }
        // A last line of spaces alone would be taken for an empty one.
        guard lines.last?.allSatisfy({ $0 == " " || $0 == "\t" }) == false || ending == "+" else { return nil }
        guard !lines.contains(where: { !$0.isEmpty && $0.allSatisfy { $0 == " " || $0 == "\t" } }) else { return nil }
        return "|\(ending)\n" + lines.map { $0.isEmpty ? "" : indentation + $0 }.joined(separator: "\n")
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    /// In double quotes, as both YAML and JSON read it.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return result + "\""
    }
}
