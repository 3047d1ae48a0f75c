public import PlumbModel

/// Finds the provider instance that one instance of a resource belongs to.
public struct ProviderChoice {
    private let exists: (String) -> Bool

    /// - Parameter exists: whether there is a provider instance of a name.
    public init(_ exists: @escaping (String) -> Bool) {
        self.exists = exists
    }

    public func provider(
        of declaration: ResolvedResource, _ scope: InstanceScope
    ) throws(Diagnostics) -> String {
        guard let expression = declaration.providerKey else { return declaration.provider }
        let value = try Evaluator(scope: scope).evaluate(expression)
        guard let key = (try? value.converted(to: .string))?.asString, !value.isSensitive else {
            throw Diagnostics(
                .error(
                    "Invalid provider key",
                    "The key that chooses an instance of \"\(declaration.provider)\" must be a string that is known when "
                        + "the plan is made and not sensitive, but \(value.objectionAsKey).",
                    address: declaration.address, at: declaration.range))
        }
        let name = declaration.provider + InstanceKey.name(key).description
        if exists(name) { return name }
        throw Diagnostics(
            .error(
                "Unknown provider",
                "The provider \"\(declaration.provider)\" has no instance \"\(key)\" in its `for_each`.",
                address: declaration.address, at: declaration.range))
    }
}

extension Value {
    fileprivate var objectionAsKey: String {
        if isSensitive { return "it is sensitive" }
        return isWhollyKnown ? "it is \(type.phrase)" : "it is known only after the apply"
    }
}
