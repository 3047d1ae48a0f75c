internal import PlumbModel

/// Which recorded rows a destruction with `--target` and `--exclude` is about: a target takes along what was recorded to
/// wait for it, an exclusion keeps what it was recorded to wait for.
struct DestructionSelection {
    private let isEverything: Bool
    private var wanted: Set<ResourceAddress> = []
    private var kept: Set<ResourceAddress> = []

    init(_ state: RecordedState, _ graph: ResourceGraph, _ options: PlanOptions) {
        isEverything = options.targets.isEmpty && options.excludes.isEmpty
        guard !isEverything else { return }
        var dependents: [ResourceAddress: [ResourceAddress]] = [:]
        for entry in state.entries {
            for dependency in entry.record.dependencies {
                dependents[dependency, default: []].append(entry.record.address)
            }
        }
        func matching(_ patterns: [AddressPattern]) -> [ResourceAddress] {
            state.entries.map(\.record.address).filter { address in
                let declaration = graph.declaration(at: address.resource).map { graph.declarations[$0] }
                return patterns.contains { $0.matches(address, file: declaration?.range.file.path) }
            }
        }
        wanted = Self.closure(
            options.targets.isEmpty ? state.entries.map(\.record.address) : matching(options.targets)
        ) { address in
            // A dependency without a key means all instances.
            (dependents[address] ?? []) + (address.key == nil ? [] : dependents[address.resource] ?? [])
        }
        kept = Self.closure(matching(options.excludes)) { address in
            (state[address]?.record.dependencies ?? []).flatMap { dependency in
                dependency.key == nil ? state.entries(of: dependency).map(\.record.address) : [dependency]
            }
        }
    }

    func includes(_ address: ResourceAddress) -> Bool {
        isEverything || (wanted.contains(address) && !kept.contains(address))
    }

    private static func closure(
        _ start: [ResourceAddress], _ next: (ResourceAddress) -> [ResourceAddress]
    ) -> Set<ResourceAddress> {
        var members = Set(start)
        var pending = start
        while let address = pending.popLast() {
            for other in next(address) where members.insert(other).inserted { pending.append(other) }
        }
        return members
    }
}
