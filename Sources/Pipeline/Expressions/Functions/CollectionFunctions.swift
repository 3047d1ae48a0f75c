import PlumbModel

/// Functions on lists and on collections of any kind.
enum CollectionFunctions {
    private static let list = Function.Parameter("list", .any)
    private static let collection = Function.Parameter("collection", .any)

    static let all: [Function] = [
        Function("length", [collection], returns: .number, .rearranges) { (arguments) throws(FunctionError) in
            switch arguments[0].kind {
            case .string(let text): return .number(text.count)
            case .list(let elements, _): return .number(elements.count)
            case .map(let map, _): return .number(map.count)
            default: throw FunctionError("\(arguments[0].phrase) has no length", argument: 0)
            }
        },
        Function("alltrue", [Function.Parameter("list", .list(.bool))], returns: .bool) {
            (arguments) throws(FunctionError) in
            .bool(arguments.list(0).allSatisfy { $0.asBool == true })
        },
        Function("anytrue", [Function.Parameter("list", .list(.bool))], returns: .bool) {
            (arguments) throws(FunctionError) in
            .bool(arguments.list(0).contains { $0.asBool == true })
        },
        Function(
            "chunklist", [Function.Parameter("list", .list(.any)), Function.Parameter("size", .number)], .rearranges
        ) {
            (arguments) throws(FunctionError) in
            try chunks(arguments)
        },
        Function("coalesce", [], variadic: Function.Parameter("value", .any, allowsNull: true), .decides) {
            (arguments) throws(FunctionError) in try coalesce(arguments)
        },
        Function("coalescelist", [], variadic: Function.Parameter("list", .any, allowsNull: true), .rearranges) {
            (arguments) throws(FunctionError) in
            // All are looked at, so that one that is no list is refused wherever it stands.
            let lists = try (0..<arguments.count).map { (index) throws(FunctionError) in try ordered(arguments, index) }
            if let found = lists.firstIndex(where: { !$0.isEmpty }) { return arguments[found] }
            throw FunctionError("all lists are empty")
        },
        Function("compact", [Function.Parameter("list", .list(.string))], returns: .list(.string)) {
            (arguments) throws(FunctionError) in .list(arguments.list(0).filter { $0.asString?.isEmpty == false })
        },
        Function("concat", [], variadic: list, .rearranges) { (arguments) throws(FunctionError) in try concat(arguments)
        },
        Function("contains", [list, Function.Parameter("value", .any)], returns: .bool) {
            (arguments) throws(FunctionError) in
            .bool(try elements(arguments, 0).contains(arguments[1]))
        },
        Function("distinct", [Function.Parameter("list", .list(.any))], returns: .list(.any)) {
            (arguments) throws(FunctionError) in
            var seen = Set<Value>()
            return .list(arguments.list(0).filter { seen.insert($0).inserted })
        },
        Function("element", [list, Function.Parameter("index", .number)], .rearranges) {
            (arguments) throws(FunctionError) in
            let elements = try ordered(arguments, 0)
            let index = try arguments.int(1)
            guard !elements.isEmpty else { throw FunctionError("an empty list has no elements", argument: 0) }
            guard index % elements.count >= 0 else {
                throw FunctionError("the index must not be negative", argument: 1)
            }
            return elements[index % elements.count]
        },
        Function("flatten", [list], .rearranges) { (arguments) throws(FunctionError) in
            var result: [Value] = []
            try flatten(try elements(arguments, 0), into: &result)
            return result.contains { $0.isUnknown && $0.type.mayBeList } ? .unknown() : .tuple(result)
        },
        Function("index", [list, Function.Parameter("value", .any)], returns: .number) {
            (arguments) throws(FunctionError) in
            guard let index = try ordered(arguments, 0).firstIndex(of: arguments[1]) else {
                throw FunctionError("the value is not in the list", argument: 1)
            }
            return .number(index)
        },
        Function(
            "matchkeys",
            [
                Function.Parameter("values", .list(.any)), Function.Parameter("keys", .list(.any)),
                Function.Parameter("wanted", .list(.any)),
            ], returns: .list(.any)
        ) { (arguments) throws(FunctionError) in
            try matchKeys(arguments)
        },
        Function("one", [list], .rearranges) { (arguments) throws(FunctionError) in
            let elements = try elements(arguments, 0)
            guard elements.count <= 1 else {
                throw FunctionError("at most one element is expected, but there are \(elements.count)", argument: 0)
            }
            return elements.first ?? .null
        },
        Function("range", [], variadic: Function.Parameter("limit", .number), returns: .list(.number)) {
            (arguments) throws(FunctionError) in try range(arguments)
        },
        Function("reverse", [list], .rearranges) { (arguments) throws(FunctionError) in
            let reversed = Array(try elements(arguments, 0).reversed())
            return arguments[0].isTuple ? .tuple(reversed) : .list(reversed)
        },
        Function(
            "slice", [list, Function.Parameter("start", .number), Function.Parameter("end", .number)], .rearranges
        ) { (arguments) throws(FunctionError) in try slice(arguments) },
        Function("sort", [Function.Parameter("list", .list(.string))], returns: .list(.string), .rearranges) {
            (arguments) throws(FunctionError) in try sort(arguments)
        },
    ]

    /// How long the list is, is known even where an element is not; which element comes where, is not.
    private static func sort(_ arguments: Arguments) throws(FunctionError) -> Value {
        let elements = arguments.list(0)
        let isSensitive = elements.contains(where: \.containsSensitive)
        if elements.contains(where: \.isUnknown) {
            return .list(elements.map { _ in .unknown(.string) }).sensitive(isSensitive)
        }
        let sorted = try arguments.strictStrings(0).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return .list(sorted.map(Value.string)).sensitive(isSensitive)
    }

    /// The elements of a list, tuple or set.
    static func elements(_ arguments: Arguments, _ index: Int) throws(FunctionError) -> [Value] {
        if let elements = arguments[index].asList { return elements }
        throw FunctionError("a list is required, but this is \(arguments[index].phrase)", argument: index)
    }

    /// The elements of a list or tuple; a set has no first one.
    private static func ordered(_ arguments: Arguments, _ index: Int) throws(FunctionError) -> [Value] {
        if !arguments[index].isSet { return try elements(arguments, index) }
        throw FunctionError("a set has no order; make a list of it with tolist()", argument: index)
    }

    private static func coalesce(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard let type = Unification.unify(all: arguments.values.filter { !$0.isNull }.map(\.type)) else {
            throw FunctionError("all values must have one type")
        }
        // An argument that is null leaves the type of collections open.
        let wanted = arguments.values.contains(where: \.isNull) && !type.isPrimitive ? .any : type
        let isSensitive = arguments.values.contains(where: \.isSensitive)
        for value in arguments.values where !value.isNull && value.asString?.isEmpty != true {
            do {
                let result = value.isUnknown ? Value.unknown(wanted) : try value.converted(to: wanted)
                return result.sensitive(isSensitive)
            } catch {
                throw FunctionError(error.message)
            }
        }
        throw FunctionError("all values are null or empty")
    }

    private static func matchKeys(_ arguments: Arguments) throws(FunctionError) -> Value {
        let values = arguments.list(0)
        guard values.count == arguments.list(1).count else {
            throw FunctionError("values and keys must be of one length", argument: 1)
        }
        guard let type = Unification.unify(arguments[1].type, arguments[2].type),
            let keys = try? arguments[1].converted(to: type).asList,
            let wanted = try? arguments[2].converted(to: type).asList
        else { throw FunctionError("the keys and the wanted ones must have one type", argument: 2) }
        let set = Set(wanted)
        return .list(zip(values, keys).filter { set.contains($1) }.map(\.0))
    }

    private static func chunks(_ arguments: Arguments) throws(FunctionError) -> Value {
        let elements = try elements(arguments, 0)
        let size = try arguments.int(1)
        guard size >= 0 else { throw FunctionError("the size must not be negative", argument: 1) }
        guard size > 0, !elements.isEmpty else { return .list(elements.isEmpty ? [] : [.list(elements)]) }
        var chunks: [Value] = []
        var start = 0
        while start < elements.count {
            let end = min(elements.count - start, size) + start
            chunks.append(.list(Array(elements[start..<end])))
            start = end
        }
        return .list(chunks)
    }

    private static func concat(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard arguments.count > 0 else { throw FunctionError("at least one list is needed") }
        var result: [Value] = []
        var isTuple = false
        for index in 0..<arguments.count {
            guard !arguments[index].isSet else {
                throw FunctionError("a set has no order; make a list of it with tolist()", argument: index)
            }
            result += try elements(arguments, index)
            isTuple = isTuple || arguments[index].isTuple
            guard result.count <= Bounds.elements else { throw tooMany }
        }
        if isTuple { return .tuple(result) }
        do {
            return try Value.list(result).converted(to: .list(.any))
        } catch {
            return .tuple(result)
        }
    }

    static let tooMany = FunctionError("the result would have more than \(Bounds.elements) elements")

    private static func flatten(_ elements: [Value], into result: inout [Value]) throws(FunctionError) {
        for element in elements {
            if let inner = element.asList {
                try flatten(element.isSensitive ? inner.map { $0.sensitive() } : inner, into: &result)
            } else {
                result.append(element)
                guard result.count <= Bounds.elements else { throw tooMany }
            }
        }
    }

    private static func range(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard (1...3).contains(arguments.count) else {
            throw FunctionError("it is written range(limit), range(start, limit) or range(start, limit, step)")
        }
        let zero = Number(0)
        let start = arguments.count == 1 ? zero : arguments.number(0)
        let limit = arguments.number(arguments.count == 1 ? 0 : 1)
        let step = arguments.count == 3 ? arguments.number(2) : Number(limit < start ? -1 : 1)
        if step == zero || (step < zero) != (limit < start), start != limit {
            throw FunctionError("with the step \(step) the limit \(limit) is never reached from \(start)", argument: 2)
        }
        var values: [Value] = []
        var current = start
        while step < zero ? limit < current : current < limit {
            values.append(.number(current))
            guard values.count <= Bounds.rangeElements, let next = current.adding(step) else {
                throw FunctionError("more than \(Bounds.rangeElements) numbers would be made; use a larger step")
            }
            current = next
        }
        return .list(values)
    }

    private static func slice(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard !arguments[0].isSet else { throw FunctionError("a set has no order and so no slices", argument: 0) }
        let elements = try elements(arguments, 0)
        let (start, end) = (try arguments.int(1), try arguments.int(2))
        guard start >= 0, start <= end, end <= elements.count else {
            throw FunctionError(
                "start and end must be within 0 and \(elements.count), in this order, but are \(start) and \(end)",
                argument: 1)
        }
        let part = Array(elements[start..<end])
        return arguments[0].isTuple ? .tuple(part) : .list(part)
    }
}

extension Value {
    var isTuple: Bool { if case .list(_, .tuple) = kind { true } else { false } }
    var isSet: Bool { if case .list(_, .set) = kind { true } else { false } }
}

extension ValueType {
    /// Whether a value of it may turn out to have elements.
    fileprivate var mayBeList: Bool {
        switch self {
        case .any, .list, .set, .tuple: true
        default: false
        }
    }
}
