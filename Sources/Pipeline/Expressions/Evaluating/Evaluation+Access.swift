import PlumbModel

/// Attributes, indexes and splats.
extension Evaluation {
    mutating func attribute(
        _ operand: Expression, _ name: String, in whole: Expression
    ) throws(Diagnostics) -> Value {
        if let output = try output(operand, name, in: whole) { return output }
        return try attribute(of: try evaluate(operand), name, operand, at: whole.range)
    }

    /// An output of a module, where that is what is named.
    private mutating func output(
        _ operand: Expression, _ name: String, in whole: Expression
    ) throws(Diagnostics) -> Value? {
        switch operand.kind {
        case .reference(.module(let module)):
            return try scope.value(ofOutput: name, module: module, instance: nil, at: whole.range)
        case .index(let inner, let key):
            guard case .reference(.module(let module)) = inner.kind else { return nil }
            let keyValue = try evaluate(key)
            guard let instance = Evaluation.instanceKey(keyValue) else { return nil }
            return try scope.value(ofOutput: name, module: module, instance: instance, at: whole.range).sensitive(
                keyValue.isSensitive)
        default: return nil
        }
    }

    private func attribute(
        of value: Value, _ name: String, _ operand: Expression, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        switch value.kind {
        case .map(let map, _):
            if let found = map[name] { return found.sensitive(value.isSensitive) }
            throw missing(name, among: value.isSensitive ? [] : map.keys, operand, at: range)
        case .unknown(let type):
            return Value.unknown(try self.type(of: name, in: type, operand, at: range)).sensitive(value.isSensitive)
        case .null:
            throw error(
                "Unsupported attribute", "\(written(operand)) is null here, so it has no attribute \"\(name)\".",
                at: range)
        case .list:
            throw error(
                "Unsupported attribute",
                "\(written(operand)) is \(value.phrase) and has no attributes: choose one element with [0], or take "
                    + "\"\(name)\" of all of them with [*].\(name).", at: range)
        default:
            throw error(
                "Unsupported attribute", "\(written(operand)) is \(value.phrase) and has no attributes.", at: range)
        }
    }

    private func missing(
        _ name: String, among names: [String], _ operand: Expression, at range: SourceRange
    ) -> Diagnostics {
        var detail = "\(written(operand)) has no attribute \"\(name)\"." + Suggestion.didYouMean(name, among: names)
        if case .reference(.resource(let address)) = operand.kind, let key = names.first {
            let isKeyed = Suggestion.nearest(to: name, among: names) == nil
            if isKeyed { detail += " If \(address) has instances, choose one: \(address)[\(Value.string(key).json)]." }
        } else if Suggestion.nearest(to: name, among: names) == nil, !names.isEmpty {
            detail += " It has " + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "") + "."
        }
        return error("Unsupported attribute", detail, at: range)
    }

    /// What an attribute of something unknown will be.
    private func type(
        of name: String, in type: ValueType, _ operand: Expression, at range: SourceRange
    ) throws(Diagnostics) -> ValueType {
        switch type {
        case .any: return .any
        case .map(let element): return element
        case .object(let attributes):
            if let found = attributes.first(where: { $0.name == name }) { return found.type }
            throw missing(name, among: attributes.map(\.name), operand, at: range)
        case .list, .set, .tuple:
            throw error(
                "Unsupported attribute",
                "\(written(operand)) is \(type.phrase) and has no attributes: choose one element with [0], or take "
                    + "\"\(name)\" of all of them with [*].\(name).", at: range)
        case .bool, .number, .string:
            throw error(
                "Unsupported attribute", "\(written(operand)) is \(type.phrase) and has no attributes.", at: range)
        }
    }

    // MARK: - Indexes

    mutating func index(
        _ operand: Expression, _ key: Expression, in whole: Expression
    ) throws(Diagnostics) -> Value {
        if case .reference(.resource(let address)) = operand.kind {
            let keyValue = try evaluate(key)
            if let instance = Evaluation.instanceKey(keyValue) {
                return try scope.value(of: address, instance: instance, at: whole.range).sensitive(keyValue.isSensitive)
            }
            return try element(of: try evaluate(operand), keyValue, operand, key, at: whole.range)
        }
        let value = try evaluate(operand)
        return try element(of: value, try evaluate(key), operand, key, at: whole.range)
    }

    private static func instanceKey(_ key: Value) -> InstanceKey? {
        key.asString.map(InstanceKey.name) ?? key.asInt.map(InstanceKey.index)
    }

    private func element(
        of value: Value, _ key: Value, _ operand: Expression, _ keySource: Expression, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        guard !value.isNull else {
            throw error("Invalid index", "\(written(operand)) is null here, so it has no elements.", at: range)
        }
        guard !key.isNull else {
            throw error("Invalid index", "The index is null; it must be a number or a string.", at: keySource.range)
        }
        let isSensitive = value.isSensitive || key.isSensitive
        switch value.kind {
        case .list(let elements, let sequencing) where sequencing != .set:
            return try element(of: elements, key, operand, keySource).sensitive(isSensitive)
        case .map(let map, let mapping):
            return try element(of: map, mapping, key, operand, keySource).sensitive(isSensitive)
        case .unknown(let type):
            return Value.unknown(try self.type(at: key, in: type, operand, keySource)).sensitive(isSensitive)
        default:
            let advice =
                value.asList == nil ? "" : " A set has no order; loop over it, or make a list of it with tolist()."
            throw error(
                "Invalid index",
                "\(written(operand)) is \(value.phrase), which has no elements to choose by index.\(advice)",
                at: range)
        }
    }

    private func position(_ key: Value, _ source: Expression) throws(Diagnostics) -> Int? {
        do {
            let number = try key.converted(to: .number)
            if number.isUnknown { return nil }
            if let position = number.asInt { return position }
        } catch {
            throw self.error(
                "Invalid index", "An element of a list is chosen by number: \(error.message).", at: source.range)
        }
        throw error("Invalid index", "An element of a list is chosen by a whole number.", at: source.range)
    }

    private func element(
        of elements: [Value], _ key: Value, _ operand: Expression, _ source: Expression
    ) throws(Diagnostics) -> Value {
        guard let position = try position(key, source) else {
            return .unknown(Unification.unify(all: elements.prefix(64).map(\.type)) ?? .any)
        }
        if elements.indices.contains(position) { return elements[position] }
        if key.isSensitive {
            throw error("Invalid index", "\(written(operand)) has no element with this index.", at: source.range)
        }
        let size = elements.count == 1 ? "1 element" : "\(elements.count) elements"
        let advice =
            position < 0
            ? "Indexes count from 0; the last element is at length(…) - 1." : "Indexes count from 0."
        throw error(
            "Invalid index", "There is no element \(position): \(written(operand)) has \(size). \(advice)",
            at: source.range)
    }

    private func element(
        of map: ValueMap, _ mapping: Value.Mapping, _ key: Value, _ operand: Expression, _ source: Expression
    ) throws(Diagnostics) -> Value {
        let name = try string(key, source, "The key of an element")
        guard let text = name.asString else {
            return .unknown(mapping == .map ? Unification.unify(all: map.values.prefix(64).map(\.type)) ?? .any : .any)
        }
        if let found = map[text] { return found }
        throw error(
            "Invalid index",
            "\(written(operand)) has no element \(key.isSensitive ? "with this key" : Value.string(text).json)."
                + (key.isSensitive ? "" : Suggestion.didYouMean(text, among: map.keys)), at: source.range)
    }

    /// What an element of something unknown will be.
    private func type(
        at key: Value, in type: ValueType, _ operand: Expression, _ source: Expression
    ) throws(Diagnostics) -> ValueType {
        switch type {
        case .any: return .any
        case .list(let element):
            _ = try position(key, source)
            return element
        case .tuple(let elements):
            guard let position = try position(key, source) else { return Unification.unify(all: elements) ?? .any }
            if elements.indices.contains(position) { return elements[position] }
            throw error("Invalid index", "There is no element \(position) in \(written(operand)).", at: source.range)
        case .map(let element):
            _ = try string(key, source, "The key of an element")
            return element
        case .object:
            guard let name = try string(key, source, "The key of an element").asString else { return .any }
            return try self.type(of: name, in: type, operand, at: source.range)
        case .set, .bool, .number, .string:
            throw error(
                "Invalid index", "\(written(operand)) is \(type.phrase), which has no elements to choose by index.",
                at: source.range)
        }
    }

    // MARK: - Splats

    mutating func splat(
        _ operand: Expression, _ steps: [Expression.SplatStep], in whole: Expression
    ) throws(Diagnostics) -> Value {
        try splat(of: try evaluate(operand), steps, operand, at: whole.range)
    }

    private mutating func splat(
        of value: Value, _ steps: [Expression.SplatStep], _ operand: Expression, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        switch value.kind {
        case .null: return .tuple([]).sensitive(value.isSensitive)
        case .list(let elements, let sequencing):
            var results: [Value] = []
            results.reserveCapacity(elements.count)
            for element in elements {
                try step(range)
                results.append(try follow(steps, from: element, operand, at: range))
            }
            return (sequencing == .tuple ? Value.tuple(results) : .list(results)).sensitive(value.isSensitive)
        case .unknown(let type):
            let element = type.iteratedElement ?? type
            let result = try follow(steps, from: .unknown(element), operand, at: range)
            return Value.unknown(type == .any ? .any : .list(result.type)).sensitive(value.isSensitive)
        default:
            return .tuple([try follow(steps, from: value, operand, at: range)])
        }
    }

    private mutating func follow(
        _ steps: [Expression.SplatStep], from element: Value, _ operand: Expression, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        var current = element
        for step in steps {
            switch step {
            case .attribute(let name, let place): current = try attribute(of: current, name, operand, at: place)
            case .index(let key):
                current = try self.element(of: current, try evaluate(key), operand, key, at: key.range)
            case .splat(let inner, let place): current = try splat(of: current, inner, operand, at: place)
            }
        }
        return current
    }
}

extension ValueType {
    /// What each round of a loop over an unknown of this type gets; nil where that is no collection with one type.
    var iteratedElement: ValueType? {
        switch self {
        case .list(let element), .set(let element): element
        case .tuple(let elements): Unification.unify(all: elements) ?? .any
        default: nil
        }
    }
}
