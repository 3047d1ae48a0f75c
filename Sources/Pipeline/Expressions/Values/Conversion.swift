public import PlumbModel

/// Why a value does not fit a type, and where in the value.
public struct ConversionError: Error, Sendable {
    public let path: AttributePath
    /// Ready to stand in the detail of a diagnostic: "a number is required, but this is a string".
    public let message: String

    public init(path: AttributePath = AttributePath(), message: String) {
        self.path = path
        self.message = message
    }

    func below(_ step: AttributePath.Step) -> ConversionError {
        ConversionError(path: AttributePath([step] + path.steps), message: message)
    }
}

extension Value {
    /// The value as one of the type, by Terraform's rules: numbers and bools become strings and back, tuples become
    /// lists and sets, objects become maps. Marks stay; what is unknown becomes an unknown of the type; an object's
    /// absent optional attributes get their defaults.
    public func converted(to type: ValueType) throws(ConversionError) -> Value {
        switch (kind, type) {
        case (.string, .string), (.number, .number), (.bool, .bool), (.null, _), (_, .any): return self
        case (.unknown(let own), _): return Value(.unknown(try Value.refined(own, to: type)), isSensitive: isSensitive)
        default: return try unmarkedConversion(to: type).sensitive(isSensitive)
        }
    }

    /// The value without the attributes that object types have no place for, as a variable takes a wider object.
    public func narrowed(to type: ValueType) -> Value {
        switch (kind, type) {
        case (.map(let map, let mapping), .object(let attributes)):
            let kept = attributes.compactMap { attribute in
                map[attribute.name].map { (attribute.name, $0.narrowed(to: attribute.type)) }
            }
            return Value(.map(ValueMap(kept), mapping), isSensitive: isSensitive)
        case (.map(let map, let mapping), .map(let element)):
            return Value(.map(map.mapValues { $0.narrowed(to: element) }, mapping), isSensitive: isSensitive)
        case (.list(let elements, let sequencing), .list(let element)),
            (.list(let elements, let sequencing), .set(let element)):
            return Value(.list(elements.map { $0.narrowed(to: element) }, sequencing), isSensitive: isSensitive)
        case (.list(let elements, let sequencing), .tuple(let types)) where elements.count == types.count:
            let narrowed = zip(elements, types).map { $0.narrowed(to: $1) }
            return Value(.list(narrowed, sequencing), isSensitive: isSensitive)
        default: return self
        }
    }

    private func unmarkedConversion(to type: ValueType) throws(ConversionError) -> Value {
        switch (kind, type) {
        case (.bool(let flag), .string): return .string(flag ? "true" : "false")
        case (.number(let number), .string): return .string(number.description)
        case (.string(let text), .number): return .number(try Value.number(in: text))
        case (.string(let text), .bool): return .bool(try Value.bool(in: text))
        case (.list(let elements, _), .list(let element)): return .list(try Value.convert(elements, to: element))
        case (.list(let elements, _), .set(let element)):
            let converted = try Value.convert(elements, to: element)
            // Which elements are the same says something about each: a mark on one is a mark on the set.
            guard converted.contains(where: \.containsSensitive) else { return .set(converted) }
            return Value.set(converted.map(\.deeplyUnmarked)).sensitive()
        case (.list(let elements, .tuple), .tuple(let types)): return try Value.convert(elements, to: types)
        case (.map(let map, _), .map(let element)): return .map(try Value.convert(map, to: element))
        case (.map(let map, _), .object(let attributes)): return try Value.convert(map, to: attributes)
        default: throw ConversionError(message: "\(type.phrase) is required, but this is \(phrase)")
        }
    }

    /// The value in a sentence: "a string", "an object".
    var phrase: String {
        switch kind {
        case .null: "null"
        case .list(_, .tuple): "a list"
        case .list(_, .list): "a list"
        case .list(_, .set): "a set"
        case .map(_, .map): "a map"
        case .map(_, .object): "an object"
        default: type.phrase
        }
    }

    // MARK: - Primitives

    private static func number(in text: String) throws(ConversionError) -> Number {
        guard let number = Number(parsing: text) else {
            throw ConversionError(message: "a number is required, but this is a string that holds none")
        }
        return number
    }

    private static func bool(in text: String) throws(ConversionError) -> Bool {
        switch text {
        case "true", "1": return true
        case "false", "0": return false
        default:
            throw ConversionError(message: "a bool is required, but this is a string other than \"true\" and \"false\"")
        }
    }

    // MARK: - Collections

    private static func convert(_ elements: [Value], to element: ValueType) throws(ConversionError) -> [Value] {
        let type = try common(element, elements)
        var result: [Value] = []
        result.reserveCapacity(elements.count)
        for (index, value) in elements.enumerated() {
            do {
                result.append(try value.converted(to: type))
            } catch {
                throw error.below(.index(index))
            }
        }
        return result
    }

    private static func convert(_ map: ValueMap, to element: ValueType) throws(ConversionError) -> ValueMap {
        let type = try common(element, map.values)
        var entries: [(String, Value)] = []
        entries.reserveCapacity(map.count)
        for entry in map {
            do {
                entries.append((entry.key, try entry.value.converted(to: type)))
            } catch {
                throw error.below(.key(entry.key))
            }
        }
        return ValueMap(entries)
    }

    /// The elements' type: the one asked for, or the one they have in common where any will do.
    private static func common(_ element: ValueType, _ values: [Value]) throws(ConversionError) -> ValueType {
        guard element == .any else { return element }
        guard let type = Unification.unify(all: values.map(\.type)) else {
            throw ConversionError(message: "all elements must have the same type, but these have several")
        }
        return type
    }

    private static func convert(_ elements: [Value], to types: [ValueType]) throws(ConversionError) -> Value {
        guard elements.count == types.count else {
            throw ConversionError(
                message: "a tuple of \(types.count) elements is required, but this has \(elements.count)")
        }
        var result: [Value] = []
        result.reserveCapacity(elements.count)
        for (index, (value, type)) in zip(elements, types).enumerated() {
            do {
                result.append(try value.converted(to: type))
            } catch {
                throw error.below(.index(index))
            }
        }
        return .tuple(result)
    }

    private static func convert(
        _ map: ValueMap, to attributes: [ValueType.ObjectAttribute]
    ) throws(ConversionError) -> Value {
        var entries: [(String, Value)] = []
        entries.reserveCapacity(attributes.count)
        var found = 0
        for attribute in attributes {
            let given = map[attribute.name]
            if given != nil { found += 1 }
            do {
                entries.append((attribute.name, try convert(given, to: attribute)))
            } catch {
                throw given == nil ? error : error.below(.key(attribute.name))
            }
        }
        guard found == map.count else { throw superfluous(map, attributes) }
        return .object(ValueMap(entries))
    }

    private static func convert(
        _ given: Value?, to attribute: ValueType.ObjectAttribute
    ) throws(ConversionError) -> Value {
        if attribute.isOptional, given?.isNull ?? true {
            guard let fallback = attribute.defaultValue else { return given ?? .null }
            return try fallback.converted(to: attribute.type).sensitive(given?.isSensitive ?? false)
        }
        guard let given else {
            throw ConversionError(message: "attribute \"\(attribute.name)\" is required, but this object has none")
        }
        return try given.converted(to: attribute.type)
    }

    private static func superfluous(_ map: ValueMap, _ attributes: [ValueType.ObjectAttribute]) -> ConversionError {
        let known = attributes.map(\.name)
        let unknown = map.keys.first { !known.contains($0) } ?? ""
        let meant = Suggestion.didYouMean(unknown, among: known)
        return ConversionError(
            path: AttributePath(unknown), message: "attribute \"\(unknown)\" is not one of this object's type.\(meant)")
    }

    // MARK: - Unknowns

    /// What an unknown of one type is after conversion to another.
    private static func refined(_ own: ValueType, to type: ValueType) throws(ConversionError) -> ValueType {
        let mismatch = ConversionError(message: "\(type.phrase) is required, but this is \(own.phrase)")
        switch (own, type) {
        case (.any, _): return type
        case (_, .any): return own
        case (.string, .number), (.string, .bool), (.number, .string), (.bool, .string): return type
        case (.list(let a), .list(let b)), (.set(let a), .list(let b)): return .list(try refined(a, to: b))
        case (.list(let a), .set(let b)), (.set(let a), .set(let b)): return .set(try refined(a, to: b))
        case (.map(let a), .map(let b)): return .map(try refined(a, to: b))
        case (.tuple(let elements), .list(let element)), (.tuple(let elements), .set(let element)):
            for own in elements { _ = try refined(own, to: element) }
            return type
        case (.tuple(let a), .tuple(let b)) where a.count == b.count:
            for (own, type) in zip(a, b) { _ = try refined(own, to: type) }
            return type
        case (.object(let attributes), .map(let element)):
            for attribute in attributes { _ = try refined(attribute.type, to: element) }
            return type
        case (.object(let own), .object(let wanted)): return try refined(own, to: wanted, type)
        case (.map(let element), .object(let wanted)):
            for attribute in wanted { _ = try refined(element, to: attribute.type) }
            return type
        default:
            if own == type { return type }
            throw mismatch
        }
    }

    private static func refined(
        _ own: [ValueType.ObjectAttribute], to wanted: [ValueType.ObjectAttribute], _ type: ValueType
    ) throws(ConversionError) -> ValueType {
        for attribute in wanted {
            guard let given = own.first(where: { $0.name == attribute.name }) else {
                if attribute.isOptional { continue }
                throw ConversionError(message: "attribute \"\(attribute.name)\" is required, but this object has none")
            }
            do {
                _ = try refined(given.type, to: attribute.type)
            } catch {
                throw error.below(.key(attribute.name))
            }
        }
        if let extra = own.first(where: { given in !wanted.contains { $0.name == given.name } }) {
            throw superfluous(ValueMap([(extra.name, .null)]), wanted)
        }
        return type
    }
}
