import PlumbModel

/// Finds the one type that several values can be brought to, as the branches of a conditional must be.
enum Unification {
    /// The common type, or nil where there is none. What is not known yet gives way to what is.
    static func unify(_ left: ValueType, _ right: ValueType) -> ValueType? {
        left == right ? left : unify(all: [left, right])
    }

    static func unify(all types: [ValueType]) -> ValueType? {
        var kinds: [ValueType] = []
        for type in types where type != .any && type != kinds.last && !kinds.contains(type) { kinds.append(type) }
        guard let first = kinds.first else { return .any }
        if kinds.count == 1 { return first }
        if kinds.allSatisfy(\.isPrimitive) { return kinds.contains(.string) ? .string : nil }
        switch shape(of: kinds) {
        case .lists(let elements): return unify(all: elements).map(ValueType.list)
        case .sets(let elements): return unify(all: elements).map(ValueType.set)
        case .maps(let elements): return unify(all: elements).map(ValueType.map)
        case .tuples(let tuples): return unify(tuples: tuples)
        case .objects(let objects): return unify(objects: objects)
        case .mixed: return preferred(kinds)
        }
    }

    /// What several types have in common besides their elements.
    private enum Shape {
        case tuples([[ValueType]])
        case objects([[ValueType.ObjectAttribute]])
        /// Lists, and tuples that become lists; the types of all elements.
        case lists([ValueType])
        case sets([ValueType])
        /// Maps, and objects that become maps.
        case maps([ValueType])
        case mixed
    }

    private static func shape(of types: [ValueType]) -> Shape {
        var tuples: [[ValueType]] = []
        var objects: [[ValueType.ObjectAttribute]] = []
        var (lists, sets, maps): ([ValueType], [ValueType], [ValueType]) = ([], [], [])
        for type in types {
            switch type {
            case .tuple(let elements): tuples.append(elements)
            case .object(let attributes): objects.append(attributes)
            case .list(let element): lists.append(element)
            case .set(let element): sets.append(element)
            case .map(let element): maps.append(element)
            case .any, .bool, .number, .string: return .mixed
            }
        }
        if tuples.count == types.count { return .tuples(tuples) }
        if objects.count == types.count { return .objects(objects) }
        if sets.count == types.count { return .sets(sets) }
        if tuples.count + lists.count == types.count { return .lists(tuples.flatMap { $0 } + lists) }
        if objects.count + maps.count == types.count { return .maps(objects.flatMap { $0.map(\.type) } + maps) }
        return .mixed
    }

    /// Of types of different kinds the one that all others can become: without loss if that can be, else at all.
    private static func preferred(_ types: [ValueType]) -> ValueType? {
        for isLossless in [true, false] {
            let found = types.first { wanted in types.allSatisfy { converts($0, to: wanted, isLossless) } }
            if let found { return found }
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

    private static func unify(tuples: [[ValueType]]) -> ValueType? {
        let count = tuples[0].count
        guard tuples.allSatisfy({ $0.count == count }) else {
            return unify(all: tuples.flatMap { $0 }).map(ValueType.list)
        }
        var elements: [ValueType] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            guard let type = unify(all: tuples.map { $0[index] }) else { return nil }
            elements.append(type)
        }
        return .tuple(elements)
    }

    private static func unify(objects: [[ValueType.ObjectAttribute]]) -> ValueType? {
        let first = objects[0]
        let names = first.map(\.name)
        guard objects.allSatisfy({ $0.map(\.name) == names }) else {
            return unify(all: objects.flatMap { $0.map(\.type) }).map(ValueType.map)
        }
        var attributes: [ValueType.ObjectAttribute] = []
        attributes.reserveCapacity(first.count)
        for index in first.indices {
            guard let type = unify(all: objects.map { $0[index].type }) else { return nil }
            let isOptional = objects.allSatisfy { $0[index].isOptional }
            attributes.append(ValueType.ObjectAttribute(first[index].name, type, isOptional: isOptional))
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
