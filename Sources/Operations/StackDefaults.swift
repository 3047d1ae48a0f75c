public import PlumbModel

/// What a controller puts in the place of what `stack.yaml` does not say.
public struct StackDefaults: Sendable {
    /// For stacks that name none.
    public let state: SharedState
    /// Where the key of that state is.
    public let directory: String
    public let sync: SyncPolicy

    public init(state: SharedState, directory: String, sync: SyncPolicy) {
        self.state = state
        self.directory = directory
        self.sync = sync
    }
}

extension StackDeclaration {
    func completed(by defaults: SyncPolicy) -> StackDeclaration {
        var stack = self
        stack.sync = sync.completed(by: defaults)
        return stack
    }

    /// Whether `state` says something.
    var namesState: Bool { state.map { $0.scalar?.value.isNull != true } ?? false }
}
