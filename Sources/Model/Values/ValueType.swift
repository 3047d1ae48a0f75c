/// A type constraint of the language: what `variables` declare and schemas demand.
public indirect enum ValueType: Hashable, Sendable {
    case any
    case bool
    case number
    case string
    case list(ValueType)
    case set(ValueType)
    case map(ValueType)
    case tuple([ValueType])
    case object([ObjectAttribute])

    /// An attribute of an object type; the attributes stand in the order of their names.
    public struct ObjectAttribute: Hashable, Sendable {
        public let name: String
        public let type: ValueType
        public let isOptional: Bool
        /// What an absent optional attribute becomes; null where nothing is given.
        public let defaultValue: Value?

        public init(_ name: String, _ type: ValueType, isOptional: Bool = false, defaultValue: Value? = nil) {
            self.name = name
            self.type = type
            self.isOptional = isOptional
            self.defaultValue = defaultValue
        }
    }

    public static func object(_ attributes: KeyValuePairs<String, ValueType>) -> ValueType {
        .object(attributes.map { ObjectAttribute($0.key, $0.value) }.sorted { $0.name < $1.name })
    }
}

extension ValueType: CustomStringConvertible {
    /// As it is written in a spec: `map(object({cidr = string, size = optional(number, 2)}))`.
    public var description: String {
        switch self {
        case .any: "any"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .list(let element): "list(\(element))"
        case .set(let element): "set(\(element))"
        case .map(let element): "map(\(element))"
        case .tuple(let elements): "tuple([\(elements.map(\.description).joined(separator: ", "))])"
        case .object(let attributes):
            "object({\(attributes.map(ValueType.describe).joined(separator: ", "))})"
        }
    }

    private static func describe(_ attribute: ObjectAttribute) -> String {
        let name = TypeParser.isWord(attribute.name) ? attribute.name : Value.string(attribute.name).json
        guard attribute.isOptional else { return "\(name) = \(attribute.type)" }
        guard let value = attribute.defaultValue else { return "\(name) = optional(\(attribute.type))" }
        let literal = value.json.replacing("${", with: "$${").replacing("%{", with: "%%{")
        return "\(name) = optional(\(attribute.type), \(literal))"
    }

    /// The type in a sentence: "a string", "a list of numbers".
    public var phrase: String {
        switch self {
        case .any: "any value"
        case .bool: "a bool"
        case .number: "a number"
        case .string: "a string"
        case .list(let element): element == .any ? "a list" : "a list of \(element.plural)"
        case .set(let element): element == .any ? "a set" : "a set of \(element.plural)"
        case .map(let element): element == .any ? "a map" : "a map of \(element.plural)"
        case .tuple: "a tuple"
        case .object: "an object"
        }
    }

    private var plural: String {
        switch self {
        case .any: "values"
        case .bool: "bools"
        case .number: "numbers"
        case .string: "strings"
        case .list: "lists"
        case .set: "sets"
        case .map: "maps"
        case .tuple: "tuples"
        case .object: "objects"
        }
    }
}

extension Value {
    /// The type of this value, as far as the value tells it (an empty list is a list of anything).
    public var type: ValueType {
        switch kind {
        case .null: return .any
        case .bool: return .bool
        case .number: return .number
        case .string: return .string
        case .unknown(let type): return type
        case .list(let elements, .tuple): return .tuple(elements.map(\.type))
        case .list(let elements, .list): return .list(elements.first?.type ?? .any)
        case .list(let elements, .set): return .set(elements.first?.type ?? .any)
        case .map(let map, .object): return .object(map.map { ValueType.ObjectAttribute($0.key, $0.value.type) })
        case .map(let map, .map): return .map(map.values.first?.type ?? .any)
        }
    }
}
