/// The lossless text form of a value, for state rows and plan files: JSON in which what JSON cannot say (marks,
/// unknowns, sets, typed maps) stands in an object with the single tag `$plumb`.
///
///     {"$plumb":"unknown","type":"string"}   {"$plumb":"sensitive","value":…}   {"$plumb":"set","value":[…]}
extension Value {
    public var archived: String { tagged.json }

    public init(archived text: String) throws(JSONError) {
        self = try Value(json: text).untagged()
    }

    private static let tag = "$plumb"

    private var tagged: Value {
        if isSensitive { return Value.tagged("sensitive", Value(kind).tagged) }
        switch kind {
        case .unknown(let type): return ["$plumb": "unknown", "type": .string(type.description)]
        case .list(let elements, let sequencing):
            let inner = Value.tuple(elements.map(\.tagged))
            return switch sequencing {
            case .tuple: inner
            case .list: Value.tagged("list", inner)
            case .set: Value.tagged("set", inner)
            }
        case .map(let map, let mapping):
            let inner = Value.object(map.mapValues(\.tagged))
            if mapping == .map { return Value.tagged("map", inner) }
            return map[Value.tag] == nil ? inner : Value.tagged("object", inner)
        default: return self
        }
    }

    private static func tagged(_ name: String, _ value: Value) -> Value {
        .object([Value.tag: .string(name), "value": value])
    }

    private func untagged() throws(JSONError) -> Value {
        switch kind {
        case .list(let elements, _):
            var result: [Value] = []
            result.reserveCapacity(elements.count)
            for element in elements { result.append(try element.untagged()) }
            return .tuple(result)
        case .map(let map, _):
            guard let name = map[Value.tag]?.asString else {
                return .object(try map.mapValues { (value) throws(JSONError) in try value.untagged() })
            }
            return try Value.untag(name, map)
        default: return self
        }
    }

    private static func untag(_ name: String, _ map: ValueMap) throws(JSONError) -> Value {
        if name == "unknown" {
            guard let type = map["type"]?.asString.flatMap(ValueType.init(parsing:)) else {
                throw JSONError(message: "an unknown value without a type", offset: 0)
            }
            return .unknown(type)
        }
        guard let inner = map["value"] else { throw JSONError(message: "a tagged value is empty", offset: 0) }
        switch (name, inner.kind) {
        case ("sensitive", _): return try inner.untagged().sensitive()
        case ("list", .list): return .list(try inner.untagged().asList ?? [])
        case ("set", .list): return .set(try inner.untagged().asList ?? [])
        case ("map", .map(let entries, _)):
            return .map(try entries.mapValues { (value) throws(JSONError) in try value.untagged() })
        case ("object", .map(let entries, _)):
            return .object(try entries.mapValues { (value) throws(JSONError) in try value.untagged() })
        default: throw JSONError(message: "unknown tag \"\(name)\"", offset: 0)
        }
    }
}

extension Value: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try Value(archived: try container.decode(String.self))
        } catch let error as JSONError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(archived)
    }
}
