internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Lets expressions see the stack as it is, where nothing is planned: what checks look at when only drift is wanted.
struct LiveValues {
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let state: RecordedState
    let scopes: ModuleScopes

    /// - Parameter warnings: of data that cannot be read, which leaves the checks on it open.
    func fill(_ values: GraphValues, _ warnings: inout Diagnostics) async {
        for entry in graph.order {
            switch entry {
            case .node(let index):
                let node = graph.nodes[index]
                let instance = instance(node.declaration, node.key, node.eachValue, node.provider)
                values.set(await value(of: instance, &warnings), node: index)
            case .deferred(let index):
                values.set(await instances(of: index, &warnings), deferred: index)
            }
        }
    }

    private func instance(
        _ index: Int, _ key: InstanceKey?, _ eachValue: Value?, _ provider: String? = nil
    ) -> DeclaredInstance {
        let declaration = graph.declarations[index]
        return DeclaredInstance(
            declaration: declaration, declarationIndex: index, node: nil, key: key, eachValue: eachValue,
            provider: provider ?? declaration.provider, dependencies: [])
    }

    private func value(of instance: DeclaredInstance, _ warnings: inout Diagnostics) async -> Value {
        let unknown = Value.unknown(instance.declaration.schema.objectType)
        guard instance.address.mode == .data else { return state[instance.address]?.live?.values ?? unknown }
        do throws(Diagnostics) {
            let declared = try instance.declaredValues(scopes)
            guard declared.isWhollyKnown, catalogue.isConfigured(instance.provider) else { return unknown }
            return try await catalogue.read(
                instance.declaration, at: instance.address, of: instance.provider, declared: declared)
        } catch {
            warnings.append(error.asWarnings)
            return unknown
        }
    }

    private func instances(
        of index: Int, _ warnings: inout Diagnostics
    ) async -> [(key: InstanceKey?, value: Value)] {
        let declaration = graph.declarations[index]
        guard declaration.address.mode == .data else {
            let kept = state.entries(of: declaration.address).filter { $0.record.deposedKey == nil }
            return kept.map { ($0.record.address.key, $0.live?.values ?? $0.record.values) }
        }
        var instances: [DeclaredInstance] = []
        do throws(Diagnostics) {
            switch try InstanceExpander(scope: InstanceScope(scopes, in: declaration.module)).expand(
                declaration.meta, of: declaration.address)
            {
            case .disabled: break
            case .single: instances = [instance(index, nil, nil)]
            case .counted(let count): instances = (0..<count).map { instance(index, .index($0), nil) }
            case .named(let names): instances = names.map { instance(index, .name($0.name), $0.value) }
            }
        } catch {
            warnings.append(error.asWarnings)
        }
        var values: [(key: InstanceKey?, value: Value)] = []
        for one in instances { values.append((one.key, await value(of: one, &warnings))) }
        return values
    }
}

extension Diagnostics {
    /// The same problems, told as warnings.
    fileprivate var asWarnings: Diagnostics {
        Diagnostics(
            all.map { problem in
                var warning = problem
                warning.severity = .warning
                return warning
            })
    }
}
