internal import PlumbModel

/// The parts into which Terraform's documents split a value: what is known of it, where it is unknown, and where it is
/// sensitive.
struct ValuePieces {
    /// What stands for a sensitive value.
    static let mask = Value.string("(sensitive)")

    let showsSensitive: Bool

    /// The value without what is unknown: keys with unknown values are left out, unknown elements are null. Nil where all
    /// of it is unknown. Sensitive parts are masked unless they are asked for.
    func known(_ value: Value) -> Value? {
        if value.isUnknown { return nil }
        // As Terraform has it: what is write-only is null wherever it can be read.
        if value.isFingerprint { return .null }
        if value.isSensitive, !showsSensitive { return value.isNull ? .null : ValuePieces.mask }
        if value.isWhollyKnown, (showsSensitive && !value.containsFingerprint) || !value.containsSensitive {
            return value
        }
        switch value.kind {
        case .list(let elements, let sequencing): return Value(.list(elements.map { known($0) ?? .null }, sequencing))
        case .map(let map, let mapping):
            let entries = map.compactMap { entry in known(entry.value).map { (entry.key, $0) } }
            return Value(.map(ValueMap(entries), mapping))
        default: return value
        }
    }

    /// Of a whole resource or output: nothing where all is known.
    static func unknowns(_ value: Value, otherwise nothing: Value) -> Value {
        value.isWhollyKnown ? nothing : unknownMask(value)
    }

    /// True where the value is unknown; of mappings, only keys below which there is something to say.
    private static func unknownMask(_ value: Value) -> Value {
        switch value.kind {
        case .unknown: true
        case .list(let elements, _): .tuple(elements.map(unknownMask))
        case .map(let map, _): object(map, unknownMask)
        default: false
        }
    }

    /// True where the value is sensitive; of mappings, only keys below which there is something to say.
    static func sensitiveMask(_ value: Value) -> Value {
        if value.isSensitive { return .bool(!value.isFingerprint) }
        switch value.kind {
        case .unknown(let type): return sensitiveMask(unknown: type)
        case .list(let elements, _): return .tuple(elements.map(sensitiveMask))
        case .map(let map, _): return object(map, sensitiveMask)
        default: return false
        }
    }

    private static func sensitiveMask(unknown type: ValueType) -> Value {
        switch type {
        case .any, .bool, .number, .string: false
        case .list, .set, .tuple: .tuple([])
        case .map, .object: .object(ValueMap())
        }
    }

    private static func object(_ map: ValueMap, _ mask: (Value) -> Value) -> Value {
        .object(
            ValueMap(
                map.compactMap { entry in
                    let inner = mask(entry.value)
                    return inner == false ? nil : (entry.key, inner)
                }))
    }
}

extension Value {
    /// With the marks of other versions of it: what is secret in one of them is so in all.
    func masked(like others: Value?...) -> Value {
        others.reduce(self) { value, other in other.map(value.marked(like:)) ?? value }
    }
}
