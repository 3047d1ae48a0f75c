internal import Loading
internal import PlumbModel
internal import ProviderAPI
internal import Resolving
internal import StateBackendAPI

extension StackSession {
    /// Opens a stack whose specs nobody vouches for; `StackTrust.stranger` says what that means.
    ///
    /// - Parameters:
    ///   - vouched: the same stack at a revision that others vouch for; nil where it has none there.
    ///   - environment: for the state of the vouched stack alone; the specs see nothing of it.
    ///   - arguments: whose names are known to the specs, and whose values are not.
    ///   - allowance: pays for all that the specs cause, planning included.
    static func openStranger(
        _ location: StackLocation, vouched: StackLocation?, capabilities: Capabilities, environment: [String: String],
        arguments: [VariableArgument], defaults: StackDefaults?, _ allowance: Allowance
    ) throws(Diagnostics) -> StackSession {
        do throws(Diagnostics) {
            return try make(
                location, vouched: vouched, capabilities: capabilities, environment: environment, arguments: arguments,
                defaults: defaults, allowance)
        } catch {
            throw error.briefed
        }
    }

    private static func make(
        _ location: StackLocation, vouched: StackLocation?, capabilities: Capabilities, environment: [String: String],
        arguments: [VariableArgument], defaults: StackDefaults?, _ allowance: Allowance
    ) throws(Diagnostics) -> StackSession {
        let (base, revision, branch) = try location.open()
        guard location.revision != nil else { throw uncommitted }
        let source = RecordingSource(PaidSource(base, from: allowance))
        var specification = try SpecLoader(
            source: source, repositories: ModuleRefusal(), decrypter: SecretWithholding()
        ).load()
        let known = try vouched.map { (place) throws(Diagnostics) in
            try VouchedStack(at: place, environment: environment)
        }
        var warnings = specification.warnings
        warnings.append(try known?.check(specification.stack) ?? Diagnostics(nothingRecorded))
        warnings.append(bounded)
        specification.warnings = warnings
        specification.stack = specification.stack.judged(by: known?.declaration.policies ?? [])
        let given = try VariableGathering(
            specification: specification, source: source, environment: environment, arguments: arguments,
            withholding: true
        ).gather()
        let files = RecordingSource(known?.files ?? MemorySource(name: "what others vouch for", contents: [:]))
        let resolution = try Resolver(
            specification, providers: capabilities.providers.map { SilentProvider($0, files: files) }, environment: nil,
            workingDirectory: location.directory,
            facts: StackFacts(
                name: specification.stack.name, revision: revision, branch: branch, path: ".",
                directory: location.absoluteDirectory, allowance: allowance),
            files: source, given: given
        ).resolve()
        specification.warnings.append(try unfollowed(files, of: source))
        let state = try known?.state(capabilities, environment, defaults)
        return StackSession(
            location: location, specification: specification, catalogue: resolution.catalogue,
            graph: resolution.graph, backend: WithheldState(state), version: capabilities.version, revision: revision,
            source: source, vault: .openToAll, variableFiles: Set(specification.variableFiles), givenEphemeral: [],
            trust: .stranger)
    }

    private static var uncommitted: Diagnostics {
        Diagnostics(
            .error(
                "Not a commit",
                "Nobody vouches for whoever has written these specs, so that they are read from a commit alone: links in a "
                    + "directory could lead anywhere. Name a revision."))
    }

    /// Warns of files that were read as others vouch for them, and that whoever has written the specs has changed.
    private static func unfollowed(
        _ files: RecordingSource, of source: RecordingSource
    ) throws(Diagnostics) -> Diagnostics {
        let read = Set(files.contents.keys).union(files.absent)
        var changed: [String] = []
        for path in read.sorted() where try source.contents(of: path) != files.contents[path] { changed.append(path) }
        guard !changed.isEmpty else { return Diagnostics() }
        let named = changed.prefix(5).joined(separator: ", ")
        let rest = changed.count > 5 ? " and \(changed.count - 5) more" : ""
        return Diagnostics(
            .warning(
                "Changes of API files are not followed",
                "\(named)\(rest) \(changed.count == 1 ? "is" : "are") other than where the specs are to be merged. Nobody vouches for "
                    + "whoever has written them, so that the plan goes by those of there, and shows nothing of what the change "
                    + "would do. A maintainer has to look at it, and to plan this stack."))
    }

    private static var nothingRecorded: Diagnostic {
        .warning(
            "Nothing recorded is looked at",
            "There is no stack in this folder where the specs are to be merged. Nobody vouches for whoever has written them, so that "
                + "no state is read, and the plan creates everything.")
    }

    private static var bounded: Diagnostic {
        .warning(
            "Planned for a stranger",
            "Nobody vouches for whoever has written these specs. The plan is against what is recorded: no provider was asked, "
                + "no program was run, and secrets, environment variables and data are unknown. A maintainer's plan may "
                + "say more, and less.")
    }
}

extension Diagnostics {
    /// Where an allowance has run out, everything after it fails: that is told once, and nothing else.
    var briefed: Diagnostics {
        guard let end = all.first(where: { $0.summary == Allowance.summary }) else { return self }
        return Diagnostics(end)
    }
}

extension StackDeclaration {
    /// With other policies in the place of its own.
    fileprivate func judged(by policies: [PolicyDeclaration]) -> StackDeclaration {
        StackDeclaration(
            name: name, nameRange: nameRange, state: state, providers: providers, sync: sync, policies: policies)
    }
}
