import PlumbModel

/// Functions on sets, and the product of collections.
enum SetFunctions {
    private static let set = Function.Parameter("set", .set(.any))

    static let all: [Function] = [
        Function("setunion", [set], variadic: set, returns: .set(.any)) { (arguments) throws(FunctionError) in
            .set(try unified(arguments).flatMap { $0 })
        },
        Function("setintersection", [set], variadic: set, returns: .set(.any)) { (arguments) throws(FunctionError) in
            let sets = try unified(arguments)
            let others = sets.dropFirst().map { Set($0) }
            return .set((sets.first ?? []).filter { element in others.allSatisfy { $0.contains(element) } })
        },
        Function("setsubtract", [set, set], returns: .set(.any)) { (arguments) throws(FunctionError) in
            let sets = try unified(arguments)
            let removed = Set(sets[1])
            return .set(sets[0].filter { !removed.contains($0) })
        },
        Function("setproduct", [], variadic: Function.Parameter("list", .any)) { (arguments) throws(FunctionError) in
            try product(arguments)
        },
    ]

    /// All sets' elements, brought to one type so that `1` and `"1"` meet.
    private static func unified(_ arguments: Arguments) throws(FunctionError) -> [[Value]] {
        guard let type = Unification.unify(all: arguments.values.map(\.type)) else {
            throw FunctionError("all sets must have elements of one type")
        }
        var result: [[Value]] = []
        for (index, value) in arguments.values.enumerated() {
            do {
                result.append(try value.converted(to: type).asList ?? [])
            } catch {
                throw FunctionError(error.message, argument: index)
            }
        }
        return result
    }

    private static func product(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard arguments.count >= 2 else { throw FunctionError("at least two lists are needed") }
        var rows: [[Value]] = [[]]
        for index in 0..<arguments.count {
            var elements = try CollectionFunctions.elements(arguments, index)
            do {
                elements = try Value.tuple(elements).converted(to: .list(.any)).asList ?? elements
            } catch {
                throw FunctionError(error.message, argument: index)
            }
            let (count, overflows) = rows.count.multipliedReportingOverflow(by: elements.count)
            guard !overflows, count * (index + 1) <= Bounds.elements else { throw CollectionFunctions.tooMany }
            rows = rows.flatMap { row in elements.map { row + [$0] } }
        }
        let tuples = rows.map(Value.tuple)
        return arguments.values.contains(where: \.isSet) ? .set(tuples) : .list(tuples)
    }
}
