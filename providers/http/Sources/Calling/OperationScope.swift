import Expressions
import PlumbModel
import ProviderAPI

/// What the expressions of an API file see: the resource, the server's words about it, the instance's settings.
struct OperationScope: EvaluationScope {
    let schema: Schema
    let variables: ValueMap
    /// All attributes; null where nothing is known.
    var own: Value
    var prior: Value?
    var live: Value?
    var response: Value?
    /// The answers of steps that have a name.
    var answers = ValueMap()
    /// Lists of attributes, one element a resource.
    var batch: Value?
    /// The attributes of the resource around.
    var parent: Value?
    /// The change that is made; nil in reads that settle none.
    var intent: String?
    /// What a request is sent for that is sent several times.
    var element: Value?

    init(schema: Schema, variables: ValueMap, own: Value, prior: Value? = nil, intent: String? = nil) {
        self.schema = schema
        self.variables = variables
        self.own = own
        self.prior = prior
        self.intent = intent
    }

    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        switch reference {
        case .selfResource: return own
        case .eachValue: return element ?? .null
        case .variable(let name): return variables[name] ?? .null
        case .resource(let address): return value(of: address)
        default: preconditionFailure("The reader lets only names through that are known here.")
        }
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        let whole = value(of: resource)
        let path = AttributePath([key.step])
        if let element = whole[path: path] { return element }
        throw Diagnostics(.error("Missing element", "There is no element \(key) in \(resource).", at: range))
    }

    private func value(of address: ResourceAddress) -> Value {
        switch NameCheck.Root(rawValue: address.type) {
        case .canonical: return canonical(address.name)
        case .prior: return prior?[key: address.name] ?? .null
        case .live: return live?[key: address.name] ?? .null
        case .response: return response?[key: address.name] ?? .null
        case .answer: return answers[address.name] ?? OperationScope.noAnswer
        case .batch: return batch?[key: address.name] ?? .null
        case .parent: return parent?[key: address.name] ?? .null
        case .intent: return intent.map(Value.string) ?? .null
        case .own, .each, nil: preconditionFailure("The reader lets only names through that are known here.")
        }
    }

    /// Of a step that was left out.
    static let noAnswer: Value = ["status": .null, "headers": .object(ValueMap()), "body": .null]

    private func canonical(_ name: String) -> Value {
        let value = own[key: name] ?? .null
        guard !value.isNull, let rule = schema[name]?.normalisation else { return value }
        return rule.canonical(value)
    }

    /// Takes over what an answer tells.
    mutating func hear(_ answer: Answer, as name: String?) {
        response = answer.value
        if let name { answers[name] = answer.value }
    }

    /// Sets attributes of the resource; those that come out null stay as they are.
    mutating func set(
        _ fields: [RequestTemplate.Field], _ evaluate: (ValueExpression, OperationScope) throws(ProviderError) -> Value
    ) throws(ProviderError) {
        guard !fields.isEmpty, var map = own.asMap else { return }
        for field in fields {
            let value = try evaluate(field.value, self)
            if !value.isNull { map[field.name] = value }
        }
        own = .object(map)
    }
}

extension InstanceKey {
    fileprivate var step: AttributePath.Step {
        switch self {
        case .index(let index): .index(index)
        case .name(let name): .key(name)
        }
    }
}
