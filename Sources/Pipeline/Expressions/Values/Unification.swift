import PlumbModel

/// Finds the one type that several values can be brought to, as the branches of a conditional must be.
enum Unification {
    /// The common type, or nil where there is none. What is not known yet gives way to what is.
    static func unify(_ left: ValueType, _ right: ValueType) -> ValueType? {
        if left == right { return left }
        switch (left, right) {
        case (.any, let other), (let other, .any): return other
        case (.string, .number), (.string, .bool), (.number, .string), (.bool, .string): return .string
        case (.list(let a), .list(let b)): return unify(a, b).map(ValueType.list)
        case (.set(let a), .set(let b)): return unify(a, b).map(ValueType.set)
        case (.map(let a), .map(let b)): return unify(a, b).map(ValueType.map)
        case (.tuple(let a), .tuple(let b)): return unify(tuples: a, b)
        case (.tuple(let elements), .list(let element)), (.list(let element), .tuple(let elements)):
            return unify(all: elements + [element]).map(ValueType.list)
        case (.object(let a), .object(let b)): return unify(objects: a, b)
        case (.object(let attributes), .map(let element)), (.map(let element), .object(let attributes)):
            return unify(all: attributes.map(\.type) + [element]).map(ValueType.map)
        default: return preferred(left, right)
        }
    }

    /// Of two types of different kinds the one that the other can become: without loss if that can be, else at all.
    private static func preferred(_ left: ValueType, _ right: ValueType) -> ValueType? {
        for isLossless in [true, false] {
            if converts(right, to: left, isLossless) { return left }
            if converts(left, to: right, isLossless) { return right }
        }
        return nil
    }

    /// Whether values of one type can become ones of another; without loss, whether all of them can.
    private static func converts(_ own: ValueType, to type: ValueType, _ isLossless: Bool) -> Bool {
        switch (own, type) {
        case (_, .any), (.any, _): return true
        case (.number, .string), (.bool, .string): return true
        case (.string, .number), (.string, .bool): return !isLossless
        case (.list(let a), .set(let b)): return !isLossless && converts(a, to: b, isLossless)
        case (.list(let a), .list(let b)), (.set(let a), .list(let b)), (.set(let a), .set(let b)),
            (.map(let a), .map(let b)):
            return converts(a, to: b, isLossless)
        case (.tuple(let elements), .list(let element)), (.tuple(let elements), .set(let element)):
            return elements.allSatisfy { converts($0, to: element, isLossless) }
        case (.object(let attributes), .map(let element)):
            return attributes.allSatisfy { converts($0.type, to: element, isLossless) }
        case (.tuple(let a), .tuple(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { converts($0, to: $1, isLossless) }
        default: return own == type
        }
    }

    static func unify(all types: [ValueType]) -> ValueType? {
        var result = ValueType.any
        for type in types {
            guard let next = unify(result, type) else { return nil }
            result = next
        }
        return result
    }

    private static func unify(tuples left: [ValueType], _ right: [ValueType]) -> ValueType? {
        guard left.count == right.count else { return unify(all: left + right).map(ValueType.list) }
        var elements: [ValueType] = []
        elements.reserveCapacity(left.count)
        for (a, b) in zip(left, right) {
            guard let type = unify(a, b) else { return nil }
            elements.append(type)
        }
        return .tuple(elements)
    }

    private static func unify(
        objects left: [ValueType.ObjectAttribute], _ right: [ValueType.ObjectAttribute]
    ) -> ValueType? {
        guard left.count == right.count, zip(left, right).allSatisfy({ $0.name == $1.name }) else {
            return unify(all: (left + right).map(\.type)).map(ValueType.map)
        }
        var attributes: [ValueType.ObjectAttribute] = []
        attributes.reserveCapacity(left.count)
        for (a, b) in zip(left, right) {
            guard let type = unify(a.type, b.type) else { return nil }
            attributes.append(ValueType.ObjectAttribute(a.name, type, isOptional: a.isOptional && b.isOptional))
        }
        return .object(attributes)
    }
}

extension ValueType {
    /// Whether it is a bool, a number or a string.
    var isPrimitive: Bool {
        switch self {
        case .bool, .number, .string: true
        default: false
        }
    }
}
