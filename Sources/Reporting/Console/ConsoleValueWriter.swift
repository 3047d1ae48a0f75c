import PlumbModel

/// Writes values in the form of Terraform's console: expressions that would give them.
struct ConsoleValueWriter {
    private(set) var text = ""

    /// - Parameter type: what the value stands among: gives a null in a list its type.
    mutating func write(_ value: Value, of type: ValueType, indent: Int) {
        if value.isSensitive {
            text += "(sensitive value)"
            return
        }
        switch value.kind {
        case .unknown: text += "(known after apply)"
        case .null: text += ConsoleValueWriter.null(of: type)
        case .bool(let flag): text += flag ? "true" : "false"
        case .number(let number): text += number.description
        case .string(let string): write(string, indent: indent)
        case .list(let elements, let sequencing):
            let element = sequencing == .tuple ? ValueType.any : elements.lazy.map(\.type).first { $0 != .any } ?? .any
            text += ConsoleValueWriter.opening[sequencing] ?? ""
            write(elements, of: element, indent: indent)
            text += sequencing == .tuple ? "" : ")"
        case .map(let map, let mapping):
            let element = mapping == .object ? ValueType.any : map.lazy.map(\.value.type).first { $0 != .any } ?? .any
            text += mapping == .map ? "tomap(" : ""
            write(map, of: element, indent: indent)
            text += mapping == .map ? ")" : ""
        }
    }

    private static let opening: [Value.Sequencing: String] = [.list: "tolist(", .set: "toset("]

    private static func null(of type: ValueType) -> String {
        switch type {
        case .string: "tostring(null)"
        case .number: "tonumber(null)"
        case .bool: "tobool(null)"
        default: "null"
        }
    }

    private mutating func write(_ elements: [Value], of type: ValueType, indent: Int) {
        text += "["
        for element in elements {
            newline(indent + 2)
            write(element, of: type, indent: indent + 2)
            text += ","
        }
        if !elements.isEmpty { newline(indent) }
        text += "]"
    }

    private mutating func write(_ map: ValueMap, of type: ValueType, indent: Int) {
        text += "{"
        for entry in map {
            newline(indent + 2)
            write(entry.key, indent: indent + 2)
            text += " = "
            write(entry.value, of: type, indent: indent + 2)
        }
        if !map.isEmpty { newline(indent) }
        text += "}"
    }

    private mutating func newline(_ indent: Int) {
        text += "\n" + String(repeating: " ", count: indent)
    }

    // MARK: - Strings

    /// In quotes, or from two lines on as a here document.
    private mutating func write(_ string: String, indent: Int) {
        let lines = TextLines.split(string)
        guard lines.count >= 2, lines.allSatisfy({ $0.unicodeScalars.allSatisfy(ConsoleValueWriter.isHarmless) }) else {
            text += ConsoleValueWriter.quote(string)
            return
        }
        var word = "EOT"
        while lines.contains(where: { $0.trimmingBlanks == word[...] }) { word += "_" }
        text += (indent > 0 ? "<<-" : "<<") + word
        for line in lines {
            newline(indent)
            text += line
        }
        newline(indent)
        text += word
    }

    /// Whether a terminal shows it as it is.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || scalar == "\r" || !VisibleText.isUnsafe(scalar)
    }

    /// As Go quotes a string, which Terraform uses here.
    private static func quote(_ string: String) -> String {
        var result = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in string.unicodeScalars {
            if let short = shortEscapes[scalar] {
                result.append("\\")
                result.append(short)
            } else if isPrintable(scalar) {
                result.append(scalar)
            } else {
                let (sign, width) =
                    scalar.value < 0x80 ? ("x", 2) : scalar.value < 0x1_0000 ? ("u", 4) : ("U", 8)
                let digits = String(scalar.value, radix: 16)
                let zeros = String(repeating: "0", count: max(0, width - digits.count))
                result.append(contentsOf: "\\\(sign)\(zeros)\(digits)".unicodeScalars)
            }
        }
        result.append("\"")
        return String(result)
    }

    private static let shortEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\"": "\"", "\\": "\\", "\u{07}": "a", "\u{08}": "b", "\u{0C}": "f", "\n": "n", "\r": "r", "\t": "t",
        "\u{0B}": "v",
    ]

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default: return true
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var line = drop { $0.isWhitespace }
        while line.last?.isWhitespace == true { line.removeLast() }
        return line
    }
}
