internal import Expressions
internal import PlumbModel
internal import ProviderAPI

extension DeclarationResolver {
    /// Manifests are verbatim: nothing in them is an expression. What their entry says of all of them may be.
    mutating func resolve(manifestsOf declaration: ResourceDeclaration) -> ResolvedResource? {
        let address = declaration.address
        guard let provider = provider(of: declaration),
            let schema = catalogue.schema(of: address.type, address.mode, in: provider.name)
        else { return nil }
        var meta = meta(of: declaration, schema)
        if let rendering = declaration.rendering {
            meta.rendering = rendering.tool
            meta.forEach = parse(rendering.settings, address)
        } else {
            let objects = declaration.manifests.map { manifest -> (String, Value) in
                let spec = schema.markingSecretParts(["manifest": manifest.node.manifestValue])
                return (manifest.key, spec[key: "manifest"] ?? .null)
            }
            meta.forEach = .constant(.object(ValueMap(objects)), declaration.range)
        }
        let each = ValueExpression.expression(Expression(.reference(.eachValue), at: declaration.range))
        var spec = [ValueExpression.Entry(key: "manifest", value: each)]
        for setting in declaration.manifestSettings {
            spec.append(.init(key: setting.key, value: parse(setting.value, address)))
        }
        let manifests = declaration.manifests.map { ($0.key, $0) }
        return ResolvedResource(
            address: address, range: declaration.range, provider: provider.name, providerKey: provider.key,
            schema: schema, spec: .object(spec, declaration.range), specNode: nil, meta: meta,
            manifests: Dictionary(manifests, uniquingKeysWith: { first, _ in first }))
    }
}
