public import PlumbModel

/// What a controller puts in the place of what `stack.yaml` does not say.
public struct StackDefaults: Sendable {
    /// `state`, as in `stack.yaml`; nil: SQLite.
    public let state: SpecificationNode?
    /// What relative paths of that state are relative to, and where its key is.
    public let directory: String
    public let sync: SyncPolicy

    public init(state: SpecificationNode?, directory: String, sync: SyncPolicy) {
        self.state = state
        self.directory = directory
        self.sync = sync
    }
}

extension StackDeclaration {
    func completed(by defaults: SyncPolicy) -> StackDeclaration {
        StackDeclaration(
            name: name, nameRange: nameRange, state: state, providers: providers, sync: sync.completed(by: defaults))
    }

    /// Whether `state` says something.
    var namesState: Bool { state.map { $0.scalar?.value.isNull != true } ?? false }

    func with(state: SpecificationNode?) -> StackDeclaration {
        StackDeclaration(name: name, nameRange: nameRange, state: state, providers: providers, sync: sync)
    }
}
