import Expressions
import HTTPTransport
import PlumbModel

/// What the expressions of an API file see: the resource, the server's words about it, the instance's settings.
struct OperationScope: EvaluationScope {
    let schema: Schema
    let variables: ValueMap
    /// All attributes; null where nothing is known.
    var own: Value
    var prior: Value?
    var live: Value?
    var response: Value?

    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        switch reference {
        case .selfResource: return own
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
        case .own, nil: preconditionFailure("The reader lets only names through that are known here.")
        }
    }

    private func canonical(_ name: String) -> Value {
        let value = own[key: name] ?? .null
        guard !value.isNull, let rule = schema[name]?.normalisation else { return value }
        return rule.canonical(value)
    }

    /// What an expression sees of an answer.
    static func value(of response: HTTPResponse) -> Value {
        let headers = response.headers.map { ($0.name.lowercased(), Value.string($0.value)) }
        let text = String(decoding: response.body, as: UTF8.self)
        let body = response.body.isEmpty ? Value.null : (try? Value(json: response.body)) ?? .string(text)
        return ["status": .number(response.status), "headers": .object(ValueMap(headers)), "body": body]
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
