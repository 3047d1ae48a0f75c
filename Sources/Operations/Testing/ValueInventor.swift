internal import Crypto
internal import PlumbModel
internal import Synchronization

/// Makes up what a system would decide: texts that look random and are the same each time, 0, false, empty collections.
final class ValueInventor: Sendable {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let length = 8

    /// How often the same values of the same type were asked for: two resources that are declared alike are still two.
    private let counts = Mutex<[String: Int]>([:])

    /// The values with all that is unknown filled in: from `given` where it has the attribute, made up elsewhere.
    func complete(_ values: Value, of type: String, _ schema: Schema, _ given: ValueMap) -> Value {
        guard let map = values.asMap else { return values }
        let seed = seed(type, values)
        return .object(
            ValueMap(
                schema.attributes.map { attribute in
                    let value = map[attribute.name] ?? .null
                    if value.isWhollyKnown { return (attribute.name, value) }
                    if value.isUnknown, let own = given[attribute.name] { return (attribute.name, own) }
                    return (attribute.name, fill(value, attribute.type, "\(seed)/\(attribute.name)"))
                }))
    }

    /// What tells this resource from all others.
    private func seed(_ type: String, _ values: Value) -> String {
        let content = "\(type) \(values.archived)"
        let count = counts.withLock { counts in
            counts[content, default: 0] += 1
            return counts[content] ?? 0
        }
        return "\(content)#\(count)"
    }

    private func fill(_ value: Value, _ type: ValueType, _ seed: String) -> Value {
        switch value.kind {
        case .unknown(let own): return invent(own == .any ? type : own, seed)
        case .list(let elements, let sequencing):
            let filled = elements.enumerated().map { fill($1, .any, "\(seed)/\($0)") }
            return sequencing == .set ? .set(filled) : Value(.list(filled, sequencing))
        case .map(let map, let mapping):
            let entries = map.map { ($0.key, fill($0.value, .any, "\(seed)/\($0.key)")) }
            return Value(.map(ValueMap(entries), mapping))
        default: return value
        }
    }

    private func invent(_ type: ValueType, _ seed: String) -> Value {
        switch type {
        case .any, .string: .string(text(seed))
        case .number: 0
        case .bool: false
        case .list: .list([])
        case .set: .set([Value]())
        case .map: .map(ValueMap())
        case .tuple(let types): .tuple(types.enumerated().map { invent($1, "\(seed)/\($0)") })
        case .object(let attributes):
            .object(ValueMap(attributes.map { ($0.name, invent($0.type, "\(seed)/\($0.name)")) }))
        }
    }

    private func text(_ seed: String) -> String {
        let digest = SHA256.hash(data: Array(seed.utf8))
        let letters = digest.prefix(Self.length).map { Self.letters[Int($0) % Self.letters.count] }
        return String(decoding: letters, as: UTF8.self)
    }
}
