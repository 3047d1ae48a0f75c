internal import Loading
public import PlumbModel
internal import ProviderAPI
internal import Resolving
internal import StateBackendAPI

/// `plumb schema`: tells what specs can say here, with or without a stack.
public struct SchemaOperation: Sendable {
    private let location: StackLocation
    private let capabilities: Capabilities
    private let environment: [String: String]

    public init(_ location: StackLocation, capabilities: Capabilities, environment: [String: String]) {
        self.location = location
        self.capabilities = capabilities
        self.environment = environment
    }

    /// The types of the providers that the stack has configured; in a directory without a stack, of those that need no
    /// configuration.
    public func vocabulary() async throws(Diagnostics) -> Vocabulary {
        let catalogue = try await BlockingWork.run { () throws(Diagnostics) in try configured() }
        let vocabulary = Vocabulary(
            types: entries(catalogue, .managed) + entries(catalogue, .data),
            providers: capabilities.providers.map { .init(name: $0.name, schema: $0.configurationSchema) },
            stateBackends: capabilities.stateBackends.map { .init(name: $0.name, schema: $0.configurationSchema) })
        await catalogue.close()
        return vocabulary
    }

    private func configured() throws(Diagnostics) -> ProviderCatalogue {
        let source = try DirectorySource(path: location.directory)
        let hasStack = try source.files(in: "").contains { $0 == "stack.yaml" || $0 == "stack.yml" }
        let none = SourceRange(file: SourceFile(path: "stack.yaml", text: ""), start: 0, end: 0)
        let loader = SpecLoader(source: source, decrypter: SpecDecrypter(environment))
        let stack = hasStack ? try loader.loadStack() : StackDeclaration(name: "", nameRange: none)
        return try Resolver.catalogue(
            of: stack, providers: capabilities.providers, environment: environment,
            workingDirectory: location.directory, files: source)
    }

    private func entries(_ catalogue: ProviderCatalogue, _ mode: ResourceAddress.Mode) -> [Vocabulary.TypeEntry] {
        catalogue.typeNames(mode).compactMap { name in
            let owners = catalogue.owners(of: name, mode)
            guard let owner = owners.first, let schema = catalogue.schema(of: name, mode, in: owner) else { return nil }
            return Vocabulary.TypeEntry(name: name, mode: mode, providers: owners, schema: schema)
        }
    }
}
