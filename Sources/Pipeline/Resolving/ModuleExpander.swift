internal import Expressions
internal import PlumbModel

/// Finds all instances of all modules, before anything is known of resources.
struct ModuleExpander {
    private let scopes: ModuleScopes

    /// - Parameter knowsVariables: false where variables may have no values.
    init(
        content: ModuleContent, facts: StackFacts, variables: [String: Value], files: any SpecificationSource,
        knowsVariables: Bool
    ) {
        scopes = ModuleScopes(
            facts: facts, variables: variables, modules: [ModuleInstance(path: [], content: content, caller: nil)],
            files: files, resources: UnknownResources(), knowsVariables: knowsVariables)
    }

    /// The stack itself first, then each instance after the one that calls it.
    func expand(_ diagnostics: inout Diagnostics) -> [ModuleInstance] {
        var next = 0
        while next < scopes.modules.count {
            for call in scopes.modules[next].content.calls {
                diagnostics.collect { () throws(Diagnostics) in
                    try scopes.children(of: next, call: call.name, at: call.range)
                }
            }
            next += 1
        }
        return scopes.modules
    }
}

/// Answers for resources of which not even the types are looked up yet.
final class UnknownResources: ResourceLookup {
    func value(
        of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value { .unknown() }
}
