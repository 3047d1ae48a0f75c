internal import PlumbModel
internal import Resolving

/// What a test puts in the place of a stack's own things.
struct Substitution: Sendable {
    /// Where the state and its key are, instead of what `stack.yaml` says.
    let stateDirectory: String
    /// Values of variables that win over the environment and the variable files, and lose to the command line.
    let variables: [GivenVariable]
}

extension StackDeclaration {
    /// The same stack with its state in the default place.
    var withoutState: StackDeclaration {
        var stack = self
        stack.state = nil
        return stack
    }
}
