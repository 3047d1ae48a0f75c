internal import Expressions
internal import Loading
public import PlumbModel
public import ProviderAPI
internal import Resolving
public import StateBackendAPI

/// An opened stack: its specs loaded and resolved, its providers configured, its state at hand.
public struct StackSession: Sendable {
    public let location: StackLocation
    public let specification: Specification
    public let catalogue: ProviderCatalogue
    public let graph: ResourceGraph
    public let backend: any StateBackend
    public let version: String
    /// Of the specs: the commit they come from, or the one the directory is at.
    public let revision: String?
    let source: RecordingSource
    let vault: ValueVault
    /// Variable files: read, but no part of what a saved plan embeds.
    let variableFiles: Set<String>
    /// Ephemeral variables that were given a value.
    let givenEphemeral: Set<String>
    /// How far its specs are believed.
    public let trust: StackTrust

    public var warnings: Diagnostics {
        Diagnostics(specification.warnings.all + graph.warnings.all)
    }
    public var name: String { specification.stack.name }
    public var files: any SpecificationSource { source }
    /// What was looked at so far: whole once the stack has been planned, for some files are only read then.
    public var reading: SourceReading { source.reading }

    /// Opens the stack at a location.
    ///
    /// - Parameters:
    ///   - variables: given on the command line, a later one wins; variable files and the environment rank below them.
    ///   - requiresVariables: false where a missing value is no error (`plumb validate`).
    ///   - asking: asks a person for values that are missing; nil where there is nobody to ask.
    ///   - defaults: for what `stack.yaml` does not say.
    ///   - trust: how far whoever wrote the specs is believed. A stranger's session can be planned, and nothing else.
    ///   - vouched: for a stranger's session, the same stack at a revision that others vouch for: the newest commit of the
    ///     branch that the specs are to be merged into. Name, state and policies are those of there. Nil where there is no
    ///     such stack there; then nothing is recorded.
    ///   - allowance: for a stranger's session, what it may cost.
    /// - Throws: all problems of all files.
    public static func open(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument] = [], requiresVariables: Bool = true, asking: VariableQuestion.Asking? = nil,
        defaults: StackDefaults? = nil, trust: StackTrust = .full, vouched: StackLocation? = nil,
        allowance: Allowance = Allowance()
    ) async throws(Diagnostics) -> StackSession {
        guard trust == .full else {
            return try await BlockingWork.run { () throws(Diagnostics) in
                try openStranger(
                    location, vouched: vouched, capabilities: capabilities, environment: environment,
                    arguments: variables, defaults: defaults, allowance)
            }
        }
        return try await open(
            location, capabilities: capabilities, environment: environment, variables: variables,
            requiresVariables: requiresVariables, asking: asking, substituting: nil, defaults: defaults)
    }

    /// - Parameter substitution: what a test puts in the place of the stack's own state and variables.
    static func open(
        _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument], requiresVariables: Bool = true, asking: VariableQuestion.Asking? = nil,
        substituting substitution: Substitution?, defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> StackSession {
        try await BlockingWork.run { () throws(Diagnostics) in
            let (base, revision, branch) = try location.open()
            let source = RecordingSource(base)
            let modules = PinnedModules(source: source, caches: ModuleCaches(location, environment))
            var specification = try SpecLoader(
                source: source, repositories: modules, decrypter: SpecDecrypter(environment)
            ).load()
            if let defaults { specification.stack = specification.stack.completed(by: defaults.sync) }
            let given = try VariableGathering(
                specification: specification, source: source, environment: environment, arguments: variables,
                asking: asking, overrides: substitution?.variables ?? []
            ).gather()
            return try make(
                location, specification, source,
                facts: StackFacts(
                    name: specification.stack.name, revision: revision, branch: branch, path: ".",
                    directory: location.absoluteDirectory, home: environment["HOME"]),
                given: given, capabilities, environment, requiresVariables,
                stateDirectory: substitution?.stateDirectory, defaults: defaults)
        }
    }

    /// Opens the stack that a saved plan was made from, with the very content it was made from.
    static func open(
        _ archive: PlanArchive, at location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument], asking: VariableQuestion.Asking?, defaults: StackDefaults? = nil
    ) async throws(Diagnostics) -> StackSession {
        try await BlockingWork.run { () throws(Diagnostics) in
            let source = RecordingSource(archive.source)
            let modules = PinnedModules(source: source, caches: nil)
            var specification = try SpecLoader(
                source: source, repositories: modules, decrypter: SpecDecrypter(environment)
            ).load()
            if let defaults { specification.stack = specification.stack.completed(by: defaults.sync) }
            let ephemeral = try VariableGathering(
                specification: specification, source: source, environment: environment, arguments: variables,
                asking: asking
            ).gatherEphemeral(planned: Set(archive.variables.map(\.name)), wanted: archive.givenEphemeral)
            var facts = archive.facts
            facts.directory = location.absoluteDirectory
            facts.home = environment["HOME"]
            return try make(
                location, specification, source, facts: facts, given: archive.variables + ephemeral, capabilities,
                environment, true, defaults: defaults)
        }
    }

    static func make(
        _ location: StackLocation, _ specification: Specification, _ source: RecordingSource, facts: StackFacts,
        given: [GivenVariable], _ capabilities: Capabilities, _ environment: [String: String],
        _ requiresVariables: Bool,
        stateDirectory: String? = nil, defaults: StackDefaults? = nil
    ) throws(Diagnostics) -> StackSession {
        let resolution = try Resolver(
            specification, providers: capabilities.providers, environment: environment,
            workingDirectory: location.directory, facts: facts, files: source, given: given,
            requiresVariables: requiresVariables
        ).resolve()
        try PolicyReview.check(specification.stack.policies)
        try DependencyReadiness.check(specification.stack.sync.after)
        let opening = StateOpening(capabilities: capabilities, environment: environment)
        let stack = specification.stack
        let backend = try opening.sealed(
            stateDirectory == nil ? stack : stack.withoutState, directory: stateDirectory ?? location.directory,
            defaults: stateDirectory == nil ? defaults : nil)
        let ephemeral = Set(specification.variables.filter(\.isEphemeral).map(\.name))
        return StackSession(
            location: location, specification: specification, catalogue: resolution.catalogue,
            graph: resolution.graph,
            backend: backend, version: capabilities.version, revision: facts.revision,
            source: source, vault: backend.vault, variableFiles: Set(specification.variableFiles),
            givenEphemeral: ephemeral.intersection(given.map(\.name)), trust: .full)
    }

    /// Lets go of connections.
    public func close() async {
        await catalogue.close()
        await backend.close()
    }
}
