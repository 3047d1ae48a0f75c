public import PlumbModel

extension StackScope {
    /// What the expressions of a resolved stack can refer to.
    public convenience init(
        _ graph: ResourceGraph, files: (any SpecificationSource)?, resources: any ResourceLookup,
        phase: Surroundings.Phase
    ) {
        self.init(
            facts: graph.stack, variables: graph.variables, locals: graph.locals, files: files, resources: resources,
            phase: phase)
    }
}
