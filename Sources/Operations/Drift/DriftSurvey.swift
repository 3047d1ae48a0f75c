public import Applying
public import PlumbModel
internal import ProviderAPI

/// Checks many stacks for drift, a few at a time; one that fails hides none of the others.
public struct DriftSurvey: Sendable {
    private let capabilities: Capabilities
    private let environment: [String: String]
    private let variables: [VariableArgument]
    private let holder: LeaseHolder
    private let policies: PolicyJudge
    private let options: DriftOperation.Options
    private let waiting: @Sendable (String, String) -> Void

    /// So many stacks at once.
    private static let width = 4

    /// - Parameters:
    ///   - policies: judges the heals.
    ///   - waiting: called with a stack and each holder of it that a check comes to wait for.
    public init(
        capabilities: Capabilities, environment: [String: String], variables: [VariableArgument], holder: LeaseHolder,
        policies: PolicyJudge, options: DriftOperation.Options,
        waiting: @escaping @Sendable (String, String) -> Void
    ) {
        self.capabilities = capabilities
        self.environment = environment
        self.variables = variables
        self.holder = holder
        self.policies = policies
        self.options = options
        self.waiting = waiting
    }

    /// - Returns: a check a location, in their order.
    public func run(_ locations: [StackLocation], control: RunControl) async -> [DriftCheck] {
        var checks: [Int: DriftCheck] = [:]
        await withTaskGroup(of: (Int, DriftCheck).self) { group in
            var pending = locations.enumerated().makeIterator()
            func start(_ next: (offset: Int, element: StackLocation)) {
                if control.isStopping {
                    checks[next.offset] = failed(next.element.directory, next.element, Self.stopped)
                    return
                }
                group.addTask { (next.offset, await check(next.element, control)) }
            }
            for _ in 0..<Self.width { if let next = pending.next() { start(next) } }
            for await (index, check) in group {
                checks[index] = check
                if let next = pending.next() { start(next) }
            }
            // Where the first ones were not begun any more, nobody has asked for the rest.
            while let next = pending.next() { start(next) }
            for await (index, check) in group { checks[index] = check }
        }
        return locations.indices.compactMap { checks[$0] }
    }

    private static let stopped = Diagnostics(
        .error("Check was stopped", "The run was told to stop before it came to this stack."))

    private func check(_ location: StackLocation, _ control: RunControl) async -> DriftCheck {
        do throws(Diagnostics) {
            let session = try await StackSession.open(
                location, capabilities: capabilities, environment: environment, variables: variables)
            let name = session.name
            let operation = DriftOperation(session, holder: holder, policies: policies, options: options) { [waiting] in
                waiting(name, $0)
            } report: { _ in
            }
            let result: Result<DriftCheck, Diagnostics>
            do throws(Diagnostics) {
                result = .success(try await operation.run(control: control))
            } catch {
                result = .failure(error)
            }
            await session.close()
            switch result {
            case .success(var check):
                var problems = session.warnings
                problems.append(check.problems)
                check.problems = problems
                return check
            case .failure(let error): return failed(session.name, location, error)
            }
        } catch {
            return failed(location.directory, location, error)
        }
    }

    private func failed(_ stack: String, _ location: StackLocation, _ problems: Diagnostics) -> DriftCheck {
        var check = DriftCheck(
            stack: stack, directory: location.directory, revision: location.revision, checkedAt: WallClock.now())
        check.problems = problems
        return check
    }
}
