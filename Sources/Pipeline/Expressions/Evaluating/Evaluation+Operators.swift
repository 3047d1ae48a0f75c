import PlumbModel

/// Operators and conditionals.
extension Evaluation {
    mutating func unary(
        _ sign: Expression.UnaryOperator, _ operand: Expression, in whole: Expression
    ) throws(Diagnostics) -> Value {
        let value = try self.operand(try evaluate(operand), sign == .not ? .bool : .number, sign.rawValue, operand)
        switch value.kind {
        case .bool(let flag): return Value.bool(!flag).sensitive(value.isSensitive)
        case .number(let number):
            return Value.number(try exact(number.negated, whole)).sensitive(value.isSensitive)
        default: return value
        }
    }

    /// The operand as the operator needs it.
    private func operand(
        _ value: Value, _ type: ValueType, _ sign: String, _ source: Expression
    ) throws(Diagnostics) -> Value {
        guard !value.isNull else {
            throw error(
                "Invalid operand", "\"\(sign)\" needs \(type.phrase), but \(written(source)) is null.", at: source.range
            )
        }
        do {
            return try value.converted(to: type)
        } catch {
            throw self.error("Invalid operand", "\"\(sign)\": \(error.message).", at: source.range)
        }
    }

    /// The text of a part for a message, if it is short enough to be read there.
    func written(_ source: Expression) -> String {
        let text = source.range.text
        return text.utf8.count <= 60 && !text.utf8.contains(0x0A) ? "\"\(text)\"" : "this"
    }

    private func exact(_ number: Number?, _ source: Expression) throws(Diagnostics) -> Number {
        if let number { return number }
        throw error(
            "Number out of range",
            "The result is a whole number that 64 bits cannot hold; it is refused so that it is not rounded.",
            at: source.range)
    }

    mutating func binary(
        _ sign: Expression.BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression
    ) throws(Diagnostics) -> Value {
        switch sign {
        case .equal, .notEqual: return try equality(sign, left, right, whole)
        case .and, .or: return try logic(sign, left, right)
        default: break
        }
        let a = try operand(try evaluate(left), .number, sign.rawValue, left)
        let b = try operand(try evaluate(right), .number, sign.rawValue, right)
        let isSensitive = a.isSensitive || b.isSensitive
        guard let x = a.asNumber, let y = b.asNumber else {
            return Value.unknown(sign.isComparison ? .bool : .number).sensitive(isSensitive)
        }
        switch sign {
        case .less: return Value.bool(x < y).sensitive(isSensitive)
        case .lessOrEqual: return Value.bool(!(y < x)).sensitive(isSensitive)
        case .greater: return Value.bool(y < x).sensitive(isSensitive)
        case .greaterOrEqual: return Value.bool(!(x < y)).sensitive(isSensitive)
        default: return Value.number(try arithmetic(sign, x, y, whole)).sensitive(isSensitive)
        }
    }

    private func arithmetic(
        _ sign: Expression.BinaryOperator, _ x: Number, _ y: Number, _ whole: Expression
    ) throws(Diagnostics) -> Number {
        switch sign {
        case .add: return try exact(x.adding(y), whole)
        case .subtract: return try exact(x.subtracting(y), whole)
        case .multiply: return try exact(x.multiplied(by: y), whole)
        default:
            guard y.asDouble != 0 else {
                throw error("Division by zero", "The divisor of \"\(sign.rawValue)\" is zero here.", at: whole.range)
            }
            return try exact(sign == .divide ? x.divided(by: y) : x.remainder(dividingBy: y), whole)
        }
    }

    private mutating func equality(
        _ sign: Expression.BinaryOperator, _ left: Expression, _ right: Expression, _ whole: Expression
    ) throws(Diagnostics) -> Value {
        let a = try evaluate(left)
        let b = try evaluate(right)
        let first = try weigh(a, at: left.range)
        let second = try weigh(b, at: right.range)
        let isSensitive = first.isSensitive || second.isSensitive
        if first.isUnknown || second.isUnknown { return Value.unknown(.bool).sensitive(isSensitive) }
        let same = isSensitive ? a.deeplyUnmarked == b.deeplyUnmarked : a == b
        return Value.bool(same == (sign == .equal)).sensitive(isSensitive)
    }

    /// Where the left side decides, the right one may have no value, as in Terraform from 1.12 on; but if it has one,
    /// it must be a bool.
    private mutating func logic(
        _ sign: Expression.BinaryOperator, _ left: Expression, _ right: Expression
    ) throws(Diagnostics) -> Value {
        let deciding = sign == .or
        let a = try operand(try evaluate(left), .bool, sign.rawValue, left)
        if a.asBool == deciding {
            if let other = speculate(right), other.isWhollyKnown { _ = try operand(other, .bool, sign.rawValue, right) }
            return a
        }
        let b = try operand(try evaluate(right), .bool, sign.rawValue, right)
        let isSensitive = a.isSensitive || b.isSensitive
        if b.asBool == deciding { return b.sensitive(isSensitive) }
        return (a.isUnknown || b.isUnknown ? Value.unknown(.bool) : .bool(!deciding)).sensitive(isSensitive)
    }

    /// Both branches are evaluated, because both decide the type of the result; a problem in the one that is not
    /// chosen is none.
    mutating func conditional(
        _ condition: Expression, _ then: Expression, _ otherwise: Expression, in whole: Expression
    ) throws(Diagnostics) -> Value {
        let test = try self.test(condition, "The condition")
        guard let choice = test.asBool else {
            let a = try evaluate(then)
            let b = try evaluate(otherwise)
            let type = try unified(a, b, then, otherwise) ?? .any
            return Value.unknown(type).sensitive(test.isSensitive || a.isSensitive || b.isSensitive)
        }
        let chosen = try evaluate(choice ? then : otherwise)
        guard let other = speculate(choice ? otherwise : then) else { return chosen.sensitive(test.isSensitive) }
        guard let type = try unified(chosen, other, then, otherwise) else { return chosen.sensitive(test.isSensitive) }
        do {
            return try chosen.converted(to: type).sensitive(test.isSensitive)
        } catch {
            throw self.error("Inconsistent conditional result types", "\(error.message).", at: whole.range)
        }
    }

    /// The value of a branch that is not taken; where it has none, an unknown of the type that it must have had, or nil.
    private mutating func speculate(_ branch: Expression) -> Value? {
        if case .literal(let value) = branch.kind { return value }
        let depth = bindings.count
        do {
            return try evaluate(branch)
        } catch {
            bindings.removeLast(bindings.count - depth)
            return speculatePart(of: branch)
        }
    }

    /// What is known of a branch that has no value: its elements one by one, or the type that its form tells.
    private mutating func speculatePart(of branch: Expression) -> Value? {
        switch branch.kind {
        case .tuple(let elements): return .tuple(elements.map { speculate($0) ?? .unknown() })
        case .splat(let operand, _):
            guard let collection = speculate(operand)?.asList else { return nil }
            return .tuple(collection.map { _ in .unknown() })
        default: return branch.evidentType.map(Value.unknown)
        }
    }

    /// A bool, or an unknown one.
    mutating func test(_ condition: Expression, _ role: String) throws(Diagnostics) -> Value {
        let value = try evaluate(condition)
        guard !value.isNull else {
            throw error("Invalid condition", "\(role) is null here, and must be true or false.", at: condition.range)
        }
        do {
            return try value.converted(to: .bool)
        } catch {
            throw self.error(
                "Invalid condition", "\(role) must be true or false: \(error.message).", at: condition.range)
        }
    }

    /// The type that both branches have in common; nil where one of them has none.
    private mutating func unified(
        _ a: Value, _ b: Value, _ then: Expression, _ otherwise: Expression
    ) throws(Diagnostics) -> ValueType? {
        switch (a.kind, b.kind) {
        case (.null, .unknown(let type)), (.unknown(let type), .null): return type
        case (.null, _), (_, .null), (.unknown(.any), _), (_, .unknown(.any)): return nil
        case (.string, .string): return .string
        case (.number, .number): return .number
        case (.bool, .bool): return .bool
        default: break
        }
        try weigh(a, at: then.range)
        try weigh(b, at: otherwise.range)
        let (first, second) = (a.type, b.type)
        if let type = Unification.unify(first, second) { return type }
        throw error(
            "Inconsistent conditional result types",
            "Both results must have one type, but the first is \(a.phrase) (\(first.summary)) and the second is "
                + "\(b.phrase) (\(second.summary)).", at: then.range.extended(to: otherwise.range))
    }
}

extension Expression {
    /// The type that its form alone tells; nil where that depends on values.
    fileprivate var evidentType: ValueType? {
        switch kind {
        case .template: .string
        case .unary(let sign, _): sign == .not ? .bool : .number
        case .binary(let sign, _, _):
            switch sign {
            case .add, .subtract, .multiply, .divide, .modulo: .number
            default: .bool
            }
        default: nil
        }
    }
}

extension Expression.BinaryOperator {
    fileprivate var isComparison: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }
}

extension SourceRange {
    /// From the beginning of this range to the end of another one behind it.
    func extended(to other: SourceRange) -> SourceRange {
        SourceRange(file: file, start: start, end: max(end, other.end))
    }
}

extension ValueType {
    /// The type as it is written, cut where it gets long.
    var summary: String {
        let text = description
        return text.utf8.count <= 120 ? text : "\(text.prefix(117))..."
    }
}
