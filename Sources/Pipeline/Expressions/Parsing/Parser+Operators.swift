import PlumbModel

/// Conditionals and operators, by Terraform's precedence.
extension Parser {
    mutating func expression() throws(Diagnostics) -> Expression {
        try nested { (parser) throws(Diagnostics) in try parser.conditional() }
    }

    private mutating func conditional() throws(Diagnostics) -> Expression {
        let start = token.start
        let condition = try binary(above: 0)
        guard token.kind == .question else { return condition }
        let conditionHeight = height
        advance()
        let then = try expression()
        let thenHeight = height
        guard take(.colon) else {
            throw error(
                "Invalid expression",
                "A conditional is written \"condition ? one : other\"; \(describe(token)) stands where \":\" belongs.")
        }
        let otherwise = try expression()
        return try finish(
            .conditional(condition, then: then, else: otherwise), from: start,
            height: 1 + max(conditionHeight, thenHeight, height))
    }

    private mutating func binary(above floor: Int) throws(Diagnostics) -> Expression {
        let start = token.start
        var left = try unary()
        while let (sign, precedence) = Parser.binaryOperator(token.kind), precedence > floor {
            let leftHeight = height
            advance()
            let right = try binary(above: precedence)
            left = try finish(.binary(sign, left, right), from: start, height: 1 + max(leftHeight, height))
        }
        return left
    }

    private static func binaryOperator(_ kind: Token.Kind) -> (Expression.BinaryOperator, Int)? {
        switch kind {
        case .or: (.or, 1)
        case .and: (.and, 2)
        case .equal: (.equal, 3)
        case .notEqual: (.notEqual, 3)
        case .less: (.less, 4)
        case .lessOrEqual: (.lessOrEqual, 4)
        case .greater: (.greater, 4)
        case .greaterOrEqual: (.greaterOrEqual, 4)
        case .plus: (.add, 5)
        case .minus: (.subtract, 5)
        case .star: (.multiply, 6)
        case .slash: (.divide, 6)
        case .percent: (.modulo, 6)
        default: nil
        }
    }

    private mutating func unary() throws(Diagnostics) -> Expression {
        let start = token.start
        let sign: Expression.UnaryOperator
        switch token.kind {
        case .minus: sign = .negate
        case .not: sign = .not
        default: return try postfix()
        }
        advance()
        if sign == .negate, token.kind == .number {
            let number = try number(negative: true, from: start)
            return try steps(after: number, from: start)
        }
        let operand = try nested { (parser) throws(Diagnostics) in try parser.unary() }
        return try finish(.unary(sign, operand), from: start, height: 1 + height)
    }

    /// A number as it is written; refused where it could not be held exactly.
    mutating func number(negative: Bool = false, from start: Int) throws(Diagnostics) -> Expression {
        let written = (negative ? "-" : "") + text(token)
        guard let number = Number(exactly: written) else {
            throw error(
                "Number out of range",
                "\(written) cannot be held exactly: whole numbers have 64 bits (up to 9223372036854775807), fractions 17 "
                    + "digits. Write it as a string if it is a name or an identifier.")
        }
        advance()
        return try finish(.literal(.number(number)), from: start, height: 1)
    }
}
