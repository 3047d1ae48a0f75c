internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Puts mocked providers in the place of real ones.
struct Mocking {
    /// Stands for an environment variable that is not set and that only mocked providers ask for: a text that is also a
    /// URL, so that it fits wherever a provider wants one of them.
    private static let placeholder = "http://mocked.invalid"

    private let mocks: [StackTest.Mock]
    private let stack: StackDeclaration

    init(_ mocks: [StackTest.Mock], _ stack: StackDeclaration) {
        self.mocks = mocks
        self.stack = stack
    }

    func providers(_ real: [any Provider]) -> [any Provider] {
        let inventor = ValueInventor()
        return real.map { provider in
            let own = mocks.filter { $0.provider == provider.name || $0.provider.hasPrefix(provider.name + ".") }
            return own.isEmpty ? provider : MockProvider(real: provider, mocks: own, inventor: inventor)
        }
    }

    /// The environment with what the configurations of mocked providers ask for and nobody has set.
    func environment(_ given: [String: String]) -> [String: String] {
        var environment = given
        for mock in mocks {
            let path = mock.provider.split(separator: ".").map(String.init)
            var node = stack.providers
            for name in path { node = node?[name] }
            // What is wrong with the configuration is told when it is read for good.
            guard let node, let expression = try? ExpressionParser.parse(node) else { continue }
            for case .environment(let name) in expression.references.map(\.reference)
            where environment[name] == nil {
                environment[name] = Self.placeholder
            }
        }
        return environment
    }

    /// Refuses types that no mocked instance knows.
    func checkTypes(_ catalogue: ProviderCatalogue) throws(Diagnostics) {
        var problems = Diagnostics()
        for mock in mocks {
            let instances = catalogue.entries.filter {
                $0.name == mock.provider || $0.name.hasPrefix(mock.provider + ".")
            }
            let managed = instances.flatMap { $0.instance.resourceTypes.map(\.name) }
            let data = instances.flatMap { $0.instance.dataTypes.map(\.name) }
            check(mock.resources, "resource type", managed, mock.provider, &problems)
            check(mock.data, "data type", data, mock.provider, &problems)
        }
        try problems.throwIfErrors()
    }

    private func check(
        _ types: [StackTest.MockedType], _ kind: String, _ known: [String], _ provider: String,
        _ problems: inout Diagnostics
    ) {
        for type in types where !known.contains(type.name) {
            problems.append(
                .error(
                    "Unknown type",
                    "The provider \(provider) has no \(kind) \"\(type.name)\"."
                        + Suggestion.didYouMean(type.name, among: known), at: type.range))
        }
    }
}
