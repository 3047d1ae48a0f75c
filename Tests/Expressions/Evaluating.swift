import Expressions
import PlumbModel

/// A scope of fixed answers: what tests evaluate against.
struct FixedScope: EvaluationScope {
    var variables: [String: Value] = [:]
    var locals: [String: Value] = [:]
    var resources: [ResourceAddress: Value] = [:]
    var files: (any SpecificationSource)?
    var surroundings = Surroundings()

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        let found: Value? =
            switch reference {
            case .variable(let name): variables[name]
            case .local(let name): locals[name]
            case .resource(let address): resources[address]
            case .eachKey: "a key"
            case .eachValue: ["size": 2]
            case .countIndex: 3
            case .path: "."
            case .stack: "web"
            default: nil
            }
        if let found { return found }
        throw Diagnostics(.error("Unknown reference", "\(reference) is not declared.", at: range))
    }

    func value(of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange) throws(Diagnostics)
        -> Value
    {
        if let found = resources[resource.instance(key)] { return found }
        throw Diagnostics(.error("Unknown instance", "There is no \(resource.instance(key)).", at: range))
    }
}

/// The value of a bare expression.
func evaluate(_ text: String, _ scope: FixedScope = FixedScope()) throws(Diagnostics) -> Value {
    let expression = try ExpressionParser.parse(expression: SourceFile(path: "test", text: text))
    return try Evaluator(scope: scope).evaluate(expression)
}

/// The value of a scalar of a spec, written plainly.
func evaluate(scalar text: String, _ scope: FixedScope = FixedScope()) throws(Diagnostics) -> Value {
    let file = SourceFile(path: "web.yaml", text: text)
    let scalar = Scalar(text: text, style: .plain, value: .string(text))
    let node = SpecificationNode(.scalar(scalar), at: SourceRange(file: file, start: 0, end: file.bytes.count))
    return try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(node))
}

/// The first problem of an expression, or nil where it has a value.
func problem(_ text: String, _ scope: FixedScope = FixedScope()) -> Diagnostic? {
    do {
        _ = try evaluate(text, scope)
        return nil
    } catch {
        return error.all.first
    }
}
