internal import Expressions
internal import PlumbModel

/// One instance of a declaration while it is planned.
struct DeclaredInstance {
    let declaration: ResolvedResource
    let declarationIndex: Int
    /// Nil where it is expanded while planning.
    let node: Int?
    let key: InstanceKey?
    let eachValue: Value?
    /// The provider instance it belongs to.
    let provider: String
    /// Nodes that this instance alone waits for.
    let dependencies: [Int]

    var address: ResourceAddress { declaration.address.instance(key) }

    func scope(_ scopes: ModuleScopes, selfValue: Value? = nil) -> InstanceScope {
        InstanceScope(scopes, in: declaration.module, key: key, eachValue: eachValue, selfValue: selfValue)
    }

    /// The `spec` evaluated and brought into the schema's shape.
    func declaredValues(_ scopes: ModuleScopes) throws(Diagnostics) -> Value {
        let value = try Evaluator(scope: scope(scopes)).evaluate(declaration.spec)
        return try SchemaConformer(
            schema: declaration.schema, node: declaration.specNode, address: address,
            range: declaration.range(of: key)
        ).conform(value)
    }

    /// A `lifecycle` flag, which must be known now; nil where it is not given.
    func flag(_ expression: ValueExpression?, _ name: String, _ scopes: ModuleScopes) throws(Diagnostics) -> Bool? {
        guard let expression else { return nil }
        let value = try Evaluator(scope: scope(scopes)).evaluate(expression)
        if let flag = (try? value.converted(to: .bool))?.asBool { return flag }
        throw Diagnostics(
            .error(
                "Invalid lifecycle value",
                value.isUnknown
                    ? "`\(name)` must be known when the plan is made, but it waits for a value known only after apply."
                    : "`\(name)` must be true or false, but it is \(value.type.phrase).",
                address: address, at: expression.range))
    }
}
