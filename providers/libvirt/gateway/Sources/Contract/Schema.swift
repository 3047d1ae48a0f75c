import Synchronization

/// A JSON Schema of the contract, with the keywords that the contract uses. Meeting another one is our own mistake.
indirect enum Schema: Sendable {
    case reference(String)
    case rules(Rules)

    /// What one schema demands; nil demands nothing.
    struct Rules: Sendable {
        var type: String?
        var values: [JSONValue]?
        var pattern: Pattern?
        var lengths: ClosedRange<Int>?
        var minimum: Int64?
        var maximum: Int64?
        var multipleOf: Int64?
        var required: [String] = []
        var properties: [String: Schema] = [:]
        var additional: Additional = .any
        var propertyNames: Pattern?
        var counts: ClosedRange<Int>?
        var items: Schema?
        var isUnique = false
    }

    enum Additional: Sendable {
        case any, none
        case all(Schema)
    }

    init(_ value: JSONValue) {
        if let path = value["$ref"]?.asString {
            self = .reference(String(path.split(separator: "/").last ?? ""))
            return
        }
        var rules = Rules()
        var (shortest, longest, fewest, most) = (0, Int.max, 0, Int.max)
        for (keyword, given) in value.asObject ?? [:] {
            switch keyword {
            case "description", "format", "title": break
            case "type": rules.type = given.asString
            case "enum": rules.values = given.asArray
            case "pattern": rules.pattern = given.asString.map { Pattern($0) }
            case "minLength": shortest = Int(given.asInteger ?? 0)
            case "maxLength": longest = Int(given.asInteger ?? .max)
            case "minimum": rules.minimum = given.asInteger
            case "maximum": rules.maximum = given.asInteger
            case "multipleOf": rules.multipleOf = given.asInteger
            case "required": rules.required = (given.asArray ?? []).compactMap(\.asString)
            case "properties": rules.properties = (given.asObject ?? [:]).mapValues { Schema($0) }
            case "additionalProperties": rules.additional = given == .bool(false) ? .none : .all(Schema(given))
            case "propertyNames": rules.propertyNames = given["pattern"]?.asString.map { Pattern($0) }
            case "maxProperties", "maxItems": most = Int(given.asInteger ?? .max)
            case "minItems": fewest = Int(given.asInteger ?? 0)
            case "uniqueItems": rules.isUnique = given == .bool(true)
            case "items": rules.items = Schema(given)
            default: preconditionFailure("the contract uses the keyword \(keyword), which the gateway does not hold")
            }
        }
        rules.lengths = shortest...longest
        rules.counts = fewest...most
        self = .rules(rules)
    }
}

/// A regular expression that a whole text has to match.
final class Pattern: Sendable {
    let text: String
    /// One match at a time: the standard library does not say that a Regex may be shared.
    private let regex: Mutex<Regex<AnyRegexOutput>>

    /// The contract anchors each pattern at both ends.
    init(_ text: String) {
        precondition(text.hasPrefix("^") && text.hasSuffix("$"), "a pattern of the contract is not anchored: \(text)")
        self.text = text
        do {
            let regex = try Regex(String(text.dropFirst().dropLast())).matchingSemantics(.unicodeScalar)
            self.regex = Mutex(regex)
        } catch {
            preconditionFailure("a pattern of the contract is no regular expression: \(text)")
        }
    }

    func matches(_ text: String) -> Bool {
        regex.withLock { regex in (try? regex.wholeMatch(in: text)) != nil }
    }
}
