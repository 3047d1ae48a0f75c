internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Looks up what `import` entries name, so that it can be compared with what is declared.
struct ImportFinder {
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let selection: Selection
    let parallelism: Int

    /// Something that exists and is to be taken over.
    struct Found: Sendable {
        let statement: ImportStatement
        let provider: String
        let state: ResourceState
    }

    private struct Request: Sendable {
        let statement: ImportStatement
        let provider: String
        let type: any Importing
        let schema: Schema

        func answer() async -> Result<ResourceState?, ProviderError> {
            do throws(ProviderError) {
                return .success(try await type.importResource(id: statement.id))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What is recorded already is passed over: an entry may stay in the specs after it has done its work.
    func find(_ state: RecordedState) async throws(Diagnostics) -> [Found] {
        var diagnostics = Diagnostics()
        var requests: [Request] = []
        for statement in graph.refactorings.imports where state[statement.address] == nil {
            do throws(Diagnostics) {
                if let request = try request(statement) { requests.append(request) }
            } catch {
                diagnostics.append(error)
            }
        }
        try diagnostics.throwIfErrors()
        var found = [Found?](repeating: nil, count: requests.count)
        await withTaskGroup(of: (Int, Result<ResourceState?, ProviderError>).self) { group in
            var pending = Array(requests.enumerated())[...]
            func start() {
                guard let (index, request) = pending.popFirst() else { return }
                group.addTask { (index, await request.answer()) }
            }
            for _ in 0..<parallelism { start() }
            for await (index, result) in group {
                start()
                let request = requests[index]
                switch result {
                case .success(let state?):
                    let values = request.schema.marked(state.values, like: nil)
                    found[index] = Found(
                        statement: request.statement, provider: request.provider,
                        state: ResourceState(values, privateData: state.privateData))
                case .success(nil): diagnostics.append(missing(request.statement))
                case .failure(let error): diagnostics.append(problem(error, request.statement))
                }
            }
        }
        try diagnostics.throwIfErrors()
        return found.compactMap(\.self)
    }

    /// Nil where the plan is not about it.
    private func request(_ statement: ImportStatement) throws(Diagnostics) -> Request? {
        let address = statement.address
        guard let index = graph.declaration(at: address.resource) else { throw undeclared(statement) }
        let declaration = graph.declarations[index]
        var provider = declaration.provider
        if case .deferred = declaration.expansion {
            guard selection.includes(late: address, of: index, file: declaration.range.file.path) else { return nil }
        } else {
            let node = address.key.map { declaration.node(for: $0) } ?? declaration.instances.first
            guard let node, graph.nodes[node].key == address.key else {
                throw Diagnostics(.importOfNoInstance(statement, declaration))
            }
            guard selection.includes(node: node) else { return nil }
            provider = graph.nodes[node].provider
        }
        if let named = statement.provider, named != provider, !provider.hasSuffix(".\(named)") {
            throw Diagnostics(
                .error(
                    "Import by another provider",
                    "\(address) belongs to the provider instance \"\(provider)\", and is to be imported by \"\(named)\". "
                        + "Remove `provider` here, or set it in the declaration.",
                    address: address, at: statement.range))
        }
        guard !catalogue.isSilent(provider) else {
            throw Diagnostics(
                .error(
                    "Not imported for a stranger",
                    "\(address) is to be imported, but nobody vouches for whoever has written these specs, so that no "
                        + "provider is asked what exists. A maintainer has to plan this stack.",
                    address: address, at: statement.range))
        }
        guard let type = catalogue.resourceType(address.type, of: provider) as? any Importing else {
            throw Diagnostics(
                .error(
                    "Type cannot be imported",
                    "The provider cannot take over a \(address.type) that exists already. Remove the entry.",
                    address: address, at: statement.range))
        }
        return Request(statement: statement, provider: provider, type: type, schema: type.schema)
    }

    private func undeclared(_ statement: ImportStatement) -> Diagnostics {
        let names = graph.declarations.filter { $0.address.mode == .managed }.map(\.address.description)
        let hint = Suggestion.didYouMean(statement.address.resource.description, among: names)
        return Diagnostics(
            .error(
                "Import of a resource that is not declared",
                "\(statement.address) is to be imported, but no resource has that name.\(hint) Declare it; `plumb import "
                    + "\(statement.address) '\(statement.id)'` writes the declaration for you.",
                address: statement.address, at: statement.range))
    }

    private func missing(_ statement: ImportStatement) -> Diagnostic {
        .error(
            "Nothing to import",
            "\(statement.address) is to be imported by the id \"\(statement.id)\", but the provider knows no such "
                + "\(statement.address.type). Mend the id; or remove the entry, and the resource is created.",
            address: statement.address, at: statement.range)
    }

    private func problem(_ error: ProviderError, _ statement: ImportStatement) -> Diagnostic {
        Diagnostic.error(
            "Cannot import resource", "\(statement.address): \(error.message)", address: statement.address,
            at: statement.range
        )
        .passing(if: error.isUnreachable)
    }
}

extension Diagnostic {
    /// Of an import for a key that `for_each` or `count` does not give.
    static func importOfNoInstance(_ statement: ImportStatement, _ declaration: ResolvedResource) -> Diagnostic {
        .error(
            "Import of an instance that is not declared",
            "\(statement.address) is to be imported, but does not exist in the specs. \(declaration.instancesSentence)",
            address: statement.address, at: statement.range)
    }
}
