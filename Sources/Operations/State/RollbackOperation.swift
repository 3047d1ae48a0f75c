internal import Expressions
internal import Loading
public import Planning
public import PlumbModel
internal import StateBackendAPI

/// `plumb state rollback`: a plan towards what was recorded at an earlier point, for a person to look at and apply.
public struct RollbackOperation: Sendable {
    /// A plan, and the stack as it was, opened to apply it.
    public struct Rollback: Sendable {
        public let session: StackSession
        public var result: PlanResult
        public let generation: Int64
        /// The run that it undoes, where no other point was asked for.
        public let undone: RunRecord?
    }

    private let state: StateOperation
    private let location: StackLocation
    private let capabilities: Capabilities
    private let environment: [String: String]
    private let variables: [VariableArgument]

    /// - Parameter variables: of the stack, for the configuration of its providers.
    public init(
        _ state: StateOperation, _ location: StackLocation, capabilities: Capabilities, environment: [String: String],
        variables: [VariableArgument]
    ) {
        self.state = state
        self.location = location
        self.capabilities = capabilities
        self.environment = environment
        self.variables = variables
    }

    /// - Parameter point: a generation, or a run, which means its end; nil: before the newest run that has changed something.
    /// - Throws: also where the way back is not known, and says why.
    public func plan(
        to point: String?, holder: LeaseHolder, parallelism: Int?, report: @escaping @Sendable (RunEvent) -> Void
    ) async throws(Diagnostics) -> Rollback {
        let timeline = StateTimeline(try await state.openedContents())
        let last = point == nil ? try timeline.lastChange() : nil
        let generation: Int64
        if let point { generation = try timeline.generation(point) } else { generation = (last?.first ?? 1) - 1 }
        let differences = try timeline.differences(from: generation, to: timeline.contents.generation)
        if let interrupted = timeline.contents.openIntents.first {
            throw Diagnostics(
                .error(
                    "An interrupted change is open",
                    "An earlier run was stopped in the middle of changing \(interrupted.address). Run `plumb apply` first: "
                        + "it finds out what became of it.", address: interrupted.address))
        }
        try check(differences, generation)
        let session = try await open(timeline, generation, differences)
        let options = PlanOptions(
            targets: differences.map { AddressPattern($0.address.description) }, parallelism: parallelism)
        do throws(Diagnostics) {
            var result = try await PlanOperation(session, holder: holder).run(options, report: report)
            var warnings = result.warnings
            warnings.append(unreachable(differences, result.plan))
            result = result.warning(of: warnings)
            return Rollback(session: session, result: result, generation: generation, undone: last?.run)
        } catch {
            await session.close()
            throw error
        }
    }

    /// Modules are not declared in what the state keeps.
    private func check(_ differences: [StateDifference], _ generation: Int64) throws(Diagnostics) {
        if differences.isEmpty {
            throw Diagnostics(
                .error(
                    "Nothing to go back to",
                    "What is recorded now is what was recorded at generation \(generation)."))
        }
        let inModules = differences.map(\.address).filter { !$0.module.isEmpty }
        guard let first = inModules.first else { return }
        throw Diagnostics(
            .error(
                "Rollback of modules",
                "Since generation \(generation) \(first)\(inModules.count > 1 ? " and \(inModules.count - 1) more" : "") "
                    + "changed, which are in modules. The state does not keep how modules were declared: revert the specs "
                    + "with Git and apply them.", address: first))
    }

    private func open(
        _ timeline: StateTimeline, _ generation: Int64, _ differences: [StateDifference]
    ) async throws(Diagnostics) -> StackSession {
        let values = try timeline.values(at: generation)
        let changed = Set(differences.map(\.address.resource))
        let now = Dictionary(
            timeline.contents.resources.filter { $0.deposedKey == nil }.map { ($0.address, $0) },
            uniquingKeysWith: { first, _ in first })
        let gone = changed.filter { resource in !now.keys.contains { $0.resource == resource } }
        let creations = timeline.creationOrder(of: gone)
        let stack = try await state.session(requiresVariables: false)
        let types = RecordedTypes(stack.catalogue, timeline.contents)
        do throws(Diagnostics) {
            var records: [ResourceRecord] = []
            for (address, values) in values where changed.contains(address.resource) {
                records.append(try types.record(address, values, now: now[address]))
            }
            let rollback = RollbackSpecification(
                records, outputs: timeline.contents.outputs, creations: creations, types: types)
            let session = try await open(rollback, of: stack)
            await stack.close()
            return session
        } catch {
            await stack.close()
            throw error
        }
    }

    private func open(
        _ rollback: RollbackSpecification, of stack: StackSession
    ) async throws(Diagnostics) -> StackSession {
        let (location, capabilities) = (location, capabilities)
        let (environment, variables) = (environment, variables)
        return try await BlockingWork.run { () throws(Diagnostics) in
            let given = try VariableGathering(
                specification: stack.specification, source: stack.source, environment: environment,
                arguments: variables
            ).gather()
            let facts = StackFacts(
                name: stack.name, revision: stack.revision, branch: nil, path: ".",
                directory: location.absoluteDirectory, home: environment["HOME"])
            return try StackSession.make(
                location, try rollback.specification(of: stack.specification), stack.source, facts: facts,
                given: given + rollback.variables, capabilities, environment, true)
        }
    }

    /// What the plan cannot bring back, because nobody but the provider decides it.
    private func unreachable(_ differences: [StateDifference], _ plan: Plan) -> Diagnostics {
        let changed = Dictionary(plan.changes.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        var warnings = Diagnostics()
        for difference in differences {
            if let change = changed[difference.address] {
                guard difference.after == nil, let after = change.after, !after.isWhollyKnown else { continue }
                warnings.append(
                    .warning(
                        "Values will be new",
                        "\(difference.address) is created again, and what its provider makes up (ids, random values, keys) "
                            + "will not be what it was.", address: difference.address))
            } else {
                warnings.append(
                    .warning(
                        "No way back",
                        "\(difference.address) differs only in what its provider decides; no plan changes that.",
                        address: difference.address))
            }
        }
        return warnings
    }
}
