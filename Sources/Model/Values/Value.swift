/// A value of the spec language, with a mark that survives every operation if it is secret.
public struct Value: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(Number)
        case string(String)
        /// `set` elements are sorted and distinct (`Value.set(_:)` makes them so).
        case list([Value], Sequencing)
        case map(ValueMap, Mapping)
        /// Known only after apply.
        case unknown(ValueType)
    }

    /// What Terraform tells apart among sequences: each element of a tuple has its own type; those of a list and of
    /// a set share one, and a set has no order.
    public enum Sequencing: UInt8, Hashable, Sendable { case tuple, list, set }

    /// Each attribute of an object has its own type; the elements of a map share one.
    public enum Mapping: UInt8, Hashable, Sendable { case object, map }

    public var kind: Kind
    /// True for the whole value. An element may be sensitive inside a value that is not (`containsSensitive`).
    public var isSensitive: Bool

    public init(_ kind: Kind, isSensitive: Bool = false) {
        self.kind = kind
        self.isSensitive = isSensitive
    }

    public static var null: Value { Value(.null) }
    public static func bool(_ value: Bool) -> Value { Value(.bool(value)) }
    public static func number(_ value: Number) -> Value { Value(.number(value)) }
    public static func number(_ value: Int) -> Value { Value(.number(Number(value))) }
    public static func string(_ value: String) -> Value { Value(.string(value)) }
    public static func tuple(_ elements: [Value]) -> Value { Value(.list(elements, .tuple)) }
    public static func list(_ elements: [Value]) -> Value { Value(.list(elements, .list)) }
    public static func object(_ map: ValueMap) -> Value { Value(.map(map, .object)) }
    public static func map(_ map: ValueMap) -> Value { Value(.map(map, .map)) }
    public static func unknown(_ type: ValueType = .any) -> Value { Value(.unknown(type)) }

    /// A set: sorted in the language's order, each element once.
    public static func set(_ elements: some Sequence<Value>) -> Value {
        var distinct: [Value] = []
        for element in elements.sorted(by: Value.setOrder) where distinct.last?.unmarked != element.unmarked {
            distinct.append(element)
        }
        return Value(.list(distinct, .set))
    }
}

extension Value {
    /// The same value, marked sensitive if `mark` is true; a mark that is there already stays.
    public func sensitive(_ mark: Bool = true) -> Value {
        Value(kind, isSensitive: isSensitive || mark)
    }

    /// The same value without its own mark; elements keep theirs.
    public var unmarked: Value { Value(kind) }

    /// The same value without any mark at any depth. For providers and for comparison, never for output.
    public var deeplyUnmarked: Value {
        switch kind {
        case .list(let elements, let sequencing): Value(.list(elements.map(\.deeplyUnmarked), sequencing))
        case .map(let map, let mapping): Value(.map(map.mapValues(\.deeplyUnmarked), mapping))
        default: Value(kind)
        }
    }

    public var isNull: Bool { if case .null = kind { true } else { false } }
    public var isUnknown: Bool { if case .unknown = kind { true } else { false } }

    /// Whether nothing in it, at any depth, waits for apply.
    public var isWhollyKnown: Bool {
        switch kind {
        case .unknown: false
        case .list(let elements, _): elements.allSatisfy(\.isWhollyKnown)
        case .map(let map, _): map.values.allSatisfy(\.isWhollyKnown)
        default: true
        }
    }

    /// Whether it or anything in it, at any depth, is sensitive.
    public var containsSensitive: Bool {
        if isSensitive { return true }
        return switch kind {
        case .list(let elements, _): elements.contains(where: \.containsSensitive)
        case .map(let map, _): map.values.contains(where: \.containsSensitive)
        default: false
        }
    }

    public var asBool: Bool? { if case .bool(let value) = kind { value } else { nil } }
    public var asString: String? { if case .string(let value) = kind { value } else { nil } }
    public var asNumber: Number? { if case .number(let value) = kind { value } else { nil } }
    public var asInt: Int? { asNumber?.asInt }
    public var asList: [Value]? { if case .list(let elements, _) = kind { elements } else { nil } }
    public var asMap: ValueMap? { if case .map(let map, _) = kind { map } else { nil } }

    /// The element of a map or object, its mark joined with the whole's.
    public subscript(key key: String) -> Value? {
        asMap?[key].map { $0.sensitive(isSensitive) }
    }

    /// The order of sets, null last: numbers by size, strings by their UTF-8 bytes, false before true.
    static func setOrder(_ left: Value, _ right: Value) -> Bool {
        switch (left.kind, right.kind) {
        case (.string(let a), .string(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.number(let a), .number(let b)): return a < b
        case (.bool(let a), .bool(let b)): return !a && b
        case (.null, _): return false
        case (_, .null): return true
        default: return left.orderKey.utf8.lexicographicallyPrecedes(right.orderKey.utf8)
        }
    }

    /// What Terraform orders the elements of a set by that are neither strings, numbers nor bools.
    private var orderKey: String {
        switch kind {
        case .null: "~"
        case .unknown: "?"
        case .bool(let flag): flag ? "T" : "F"
        case .number(let number): number.description
        case .string(let text): Value.string(text).json
        case .list(let elements, .tuple): "<\(elements.map { $0.orderKey + ";" }.joined())>"
        case .list(let elements, _): "[\(elements.map { $0.orderKey + ";" }.joined())]"
        case .map(let map, .object): "<\(map.map { $0.value.orderKey + ";" }.joined())>"
        case .map(let map, .map):
            "{\(map.map { Value.string($0.key).json + ":" + $0.value.orderKey + ";" }.joined())}"
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self.init(.string(value)) }
    public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
    public init(integerLiteral value: Int) { self.init(.number(Number(value))) }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: Value...) { self.init(.list(elements, .tuple)) }
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(.map(ValueMap(elements.map { ($0.0, $0.1) }), .object))
    }
}
