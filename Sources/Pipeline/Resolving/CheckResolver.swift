internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Parses the checks of the stack or of a module, and finds the types of what they read for themselves.
struct CheckResolver {
    private let providers: ProviderSelection
    private let path: [ResourceAddress.ModuleStep]
    private var diagnostics = Diagnostics()

    private init(_ providers: ProviderSelection, _ path: [ResourceAddress.ModuleStep]) {
        self.providers = providers
        self.path = path
    }

    /// - Parameter path: of the module in which the checks stand, without keys.
    static func resolve(
        _ declarations: [CheckDeclaration], _ providers: ProviderSelection, _ path: [ResourceAddress.ModuleStep],
        _ diagnostics: inout Diagnostics
    ) -> [ResolvedCheck] {
        var resolver = CheckResolver(providers, path)
        let checks = declarations.compactMap { resolver.resolve($0) }
        diagnostics.append(resolver.diagnostics)
        return checks
    }

    private mutating func resolve(_ declaration: CheckDeclaration) -> ResolvedCheck? {
        var data: ResolvedResource?
        if let declared = declaration.data {
            var resolver = DeclarationResolver(providers: providers, path: path)
            data = resolver.resolve(declared)
            diagnostics.append(resolver.diagnostics)
            guard data != nil else { return nil }
        }
        return ResolvedCheck(
            name: declaration.name, range: declaration.nameRange, data: data,
            assertions: ConditionParser.parse(declaration.assertions, &diagnostics))
    }
}

/// Parses conditions that belong to no resource.
enum ConditionParser {
    /// Those that can be parsed.
    static func parse(
        _ conditions: [ConditionDeclaration], _ diagnostics: inout Diagnostics
    ) -> [ResolvedResource.Condition] {
        conditions.compactMap { declared in
            let condition = diagnostics.collect { () throws(Diagnostics) in
                try ExpressionParser.parse(declared.condition)
            }
            let message = diagnostics.collect { () throws(Diagnostics) in try ExpressionParser.parse(declared.message) }
            guard let condition, let message else { return nil }
            return ResolvedResource.Condition(condition: condition, message: message)
        }
    }
}
