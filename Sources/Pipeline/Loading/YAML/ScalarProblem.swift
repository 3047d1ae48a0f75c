import PlumbModel

/// The tags of the core schema.
enum ScalarTag {
    static let prefix = "tag:yaml.org,2002:"
    static let words = ["str", "int", "float", "bool", "null", "map", "seq"]

    case string
    /// A scalar tag by its word, and which values fit it.
    case scalar(String, accepts: (Value) -> Bool)
    case collection(String)
    case unknown

    init(_ tag: String) {
        switch tag {
        case "!", ScalarTag.prefix + "str": self = .string
        case ScalarTag.prefix + "int":
            self = .scalar("int") { if case .integer = $0.asNumber { true } else { false } }
        case ScalarTag.prefix + "float": self = .scalar("float") { $0.asNumber != nil }
        case ScalarTag.prefix + "bool": self = .scalar("bool") { $0.asBool != nil }
        case ScalarTag.prefix + "null": self = .scalar("null") { $0.isNull }
        case ScalarTag.prefix + "map": self = .collection("map")
        case ScalarTag.prefix + "seq": self = .collection("seq")
        default: self = .unknown
        }
    }
}

/// What can be wrong with a scalar, whoever uses it.
enum ScalarProblem {
    static func leadingZero(_ text: String, _ value: Value, at place: SourceRange) -> Diagnostic {
        let digits = text.drop { $0 == "+" || $0 == "-" }
        var other = ""
        var choice = ""
        if let octal = Int64(digits, radix: 8) {
            other = " and the octal number \(octal) in YAML 1.1"
            choice = ", 0o\(String(octal, radix: 8)) for an octal number such as a file mode"
        }
        return .warning(
            "Number with a leading zero",
            "\(text) is the decimal number \(value.json) in YAML 1.2, which Plumbline reads\(other). Write what was "
                + "meant: \(value.json)\(choice), or \"\(text)\" in quotes for text.", at: place)
    }

    static func tooLarge(_ text: String, at place: SourceRange) -> Diagnostic {
        .error(
            "Number is too large",
            "\(shortened(text)) does not fit: whole numbers reach from -9223372036854775808 to 9223372036854775807, "
                + "others to about 1.8e308. If it is an identifier, put it in quotes to keep every digit.", at: place)
    }

    static func notFinite(_ text: String, at place: SourceRange) -> Diagnostic {
        .error(
            "Number is not finite",
            "\(text) is infinity or \"not a number\" in YAML; specs have no such numbers. Give a number, or put it in "
                + "quotes if text was meant.", at: place)
    }

    static func wrongForTag(_ word: String, _ text: String, quoted: Bool = true, at place: SourceRange) -> Diagnostic {
        let phrase = ["int": "a whole number", "float": "a number", "bool": "true or false", "null": "null"][word]
        let demand = phrase ?? (word == "str" ? "a string" : word == "map" ? "a mapping" : "a list")
        let shown = quoted ? "\"\(shortened(text))\"" : text
        return .error(
            "Value does not fit its tag",
            "The tag !!\(word) demands \(demand); here stands \(shown). Change the value, or remove the tag.",
            at: place)
    }

    static func tagOfCollection(_ word: String, at place: SourceRange) -> Diagnostic {
        .error(
            "Value does not fit its tag",
            "The tag !!\(word) demands \(word == "map" ? "a mapping" : "a list"); here stands a single value. Change the "
                + "value, or remove the tag.", at: place)
    }

    static func unknownTag(_ tag: String, at place: SourceRange) -> Diagnostic {
        let written =
            tag.hasPrefix(ScalarTag.prefix)
            ? "!!" + tag.dropFirst(ScalarTag.prefix.utf8.count) : tag.hasPrefix("!") ? tag : "!<\(tag)>"
        return .error(
            "Tag is not supported",
            "Specs know the tags !!str, !!int, !!float, !!bool, !!null, !!map and !!seq; \(written) is none of them. "
                + "Remove the tag. A value that is text and begins with \"!\" must be quoted.", at: place)
    }

    private static func shortened(_ text: String) -> String {
        text.count > 40 ? text.prefix(30) + "… (\(text.count) characters)" : text
    }
}
