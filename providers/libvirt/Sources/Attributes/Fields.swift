import HTTPTransport
import PlumbModel

/// Segments of paths.
enum PathText {
    static func escaped(_ text: String) -> String { URLText.escaped(text) }
}

extension Value {
    /// An object of what is there: what is null or not known stands not in it.
    static func compact(_ pairs: [(String, Value?)]) -> Value {
        .object(
            ValueMap(
                pairs.compactMap { name, value in
                    value.flatMap { $0.isNull || $0.isUnknown ? nil : (name, $0) }
                }))
    }

    /// The attribute; nil where it is null or not known.
    func given(_ name: String) -> Value? {
        guard let value = self[key: name], !value.isNull, !value.isUnknown else { return nil }
        return value
    }

    func text(_ name: String) -> String? { given(name)?.asString }
    func flag(_ name: String) -> Bool? { given(name)?.asBool }
    func list(_ name: String) -> [Value] { given(name)?.asList ?? [] }

    /// Nil for an empty list or map, which is the same as none.
    var orNull: Value { asList?.isEmpty == true || asMap?.isEmpty == true ? .null : self }
}

extension Schema {
    /// All attributes: those of `live` in the writing of `recorded` where both mean the same, those that the gateway does not
    /// tell of as they are recorded.
    func values(_ live: [String: Value], like recorded: Value) -> Value {
        .object(
            ValueMap(
                attributes.map { attribute in
                    let old = recorded[key: attribute.name] ?? .null
                    guard let new = live[attribute.name] else {
                        return (attribute.name, old.isUnknown ? .null : old)
                    }
                    // A default that the spec leaves out is recorded as it is.
                    if old == new || (!old.isUnknown && attribute.normalisation?.areSame(old, new) == true) {
                        return (attribute.name, old)
                    }
                    return (attribute.name, new)
                }))
    }
}
