internal import PlumbModel

/// Tells the problems that a run was meant to have from all others.
struct FailureExpectation {
    let expected: [StackTest.ExpectedFailure]

    /// What is left of a run's problems.
    struct Verdict {
        /// What was not expected, and what was expected and has not come.
        var problems = Diagnostics()
        /// Nothing but conditions stand in the way: of the spec, or those that were to fail and have not.
        var hasConditionsOnly = true
    }

    func judge(_ problems: Diagnostics) -> Verdict {
        var verdict = Verdict()
        var seen: Set<Int> = []
        for problem in problems.all {
            let matches = expected.indices.filter { index in
                problem.failedCheck.map { expected[index].object.covers($0) } ?? false
            }
            seen.formUnion(matches)
            guard matches.isEmpty else { continue }
            // Where a test runs, a check that only warns elsewhere is a failure too.
            var problem = problem
            if let object = problem.failedCheck, !object.isPolicy { problem.severity = .error }
            if problem.severity == .error, problem.failedCheck == nil { verdict.hasConditionsOnly = false }
            verdict.problems.append(problem)
        }
        for (index, failure) in expected.enumerated() where !seen.contains(index) {
            verdict.problems.append(
                .error(
                    "Expected failure did not come",
                    "The run was to break a condition of \(failure.object), but none of its conditions failed"
                        + "\(verdict.hasConditionsOnly ? "" : " before the run ended").", at: failure.range))
        }
        return verdict
    }
}

extension CheckedObject {
    /// A policy says itself whether it only warns.
    fileprivate var isPolicy: Bool { if case .policy = self { true } else { false } }
}

/// Refuses test files that name what the stack does not have.
struct StackTestCheck {
    let specification: Specification
    let providers: [String]

    func check(_ test: StackTest) throws(Diagnostics) {
        var problems = Diagnostics()
        for mock in test.mocks { check(mock, &problems) }
        for failure in test.runs.flatMap(\.expectedFailures) { check(failure, &problems) }
        try problems.throwIfErrors()
    }

    private func check(_ mock: StackTest.Mock, _ problems: inout Diagnostics) {
        let parts = mock.provider.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard providers.contains(name) else {
            problems.append(
                .error(
                    "Unknown provider",
                    "No provider is named \"\(name)\".\(Suggestion.didYouMean(name, among: providers)) There are: "
                        + "\(providers.sorted().joined(separator: ", ")).", at: mock.range))
            return
        }
        guard parts.count == 2 else { return }
        let instances = (specification.stack.providers?[name]?.mapping ?? []).map(\.key)
        guard !instances.contains(String(parts[1])) else { return }
        problems.append(
            .error(
                "Unknown provider",
                "stack.yaml has no instance \"\(parts[1])\" of the provider \(name)."
                    + Suggestion.didYouMean(String(parts[1]), among: instances), at: mock.range))
    }

    private func check(_ failure: StackTest.ExpectedFailure, _ problems: inout Diagnostics) {
        switch failure.object {
        case .variable(let name): check(name, "variable", specification.variables.map(\.name), failure, &problems)
        case .output(let name): check(name, "output", specification.outputs.map(\.name), failure, &problems)
        // What stands in modules, and checks, are known to the run alone.
        case .check: break
        case .policy(let name): check(name, "policy", specification.stack.policies.map(\.name), failure, &problems)
        case .resource(let address):
            guard address.module.isEmpty else { return }
            let names = specification.resources.map(\.address.description)
            check(address.resource.description, "resource", names, failure, &problems)
        }
    }

    private func check(
        _ name: String, _ kind: String, _ names: [String], _ failure: StackTest.ExpectedFailure,
        _ problems: inout Diagnostics
    ) {
        guard !names.contains(name) else { return }
        problems.append(
            .error(
                "Unknown \(kind)",
                "`expect_failures` names \(failure.object), but the stack has no \(kind) \"\(name)\"."
                    + Suggestion.didYouMean(name, among: names), at: failure.range))
    }
}
