import Foundation
import PlumbModel
import Testing

/// What Plumbline answers to a case.
struct PlumbRun {
    private let stack: Stack

    /// - Returns: a digest for each step.
    static func digests(of one: ComparisonCase) async throws -> Value {
        let run = PlumbRun(stack: try Stack())
        var digests: [Value] = []
        for (index, step) in one.steps.enumerated() {
            digests.append(try await run.digest(of: step, isLast: index == one.steps.count - 1))
        }
        return .tuple(digests)
    }

    private func digest(of step: ComparisonCase.Step, isLast: Bool) async throws -> Value {
        try stack.place(step.folder, suffix: ".yaml")
        for address in step.taints { try await taint(address.replacing("terraform_data", with: "data_value")) }
        let planned = try await run(["plan", "--json", "--show-sensitive", "--out", "it.plan"] + options(step))
        guard planned.code == 0 else {
            try #require(planned.code == 1 && planned.errors.contains("error: "), "plumb plan: \(planned.errors)")
            return PlanDigest.refusal
        }
        let document = try PlanDigest.parse(planned.output)
        if !isLast {
            let applied = try await run(["apply", "--auto-approve", "it.plan"])
            try #require(applied.code == 0, "plumb apply: \(applied.output)\(applied.errors)")
        }
        return PlanDigest.of(document, order: try order(document))
    }

    private func run(_ arguments: [String]) async throws -> ChildProcess.Result {
        try await ProcessGate.shared.pass { await (try stack.start(arguments)).result() }
    }

    /// Terraform's options in our spelling.
    private func options(_ step: ComparisonCase.Step) -> [String] {
        step.options.flatMap { option -> [String] in
            let parts = option.drop { $0 == "-" }.split(separator: "=", maxSplits: 1)
            let value = parts.dropFirst().map { String($0).replacing("terraform_data", with: "data_value") }
            return ["--\(parts[0])"] + value
        }
    }

    /// As if its creation had failed half-way.
    private func taint(_ address: String) async throws {
        try await stack.shell(
            "sqlite3 .plumb/state.db \"UPDATE resources SET status = 'tainted' WHERE address = '\(address)'\"")
    }

    private func order(_ document: Value) throws -> Set<Precedence> {
        let steps = document[key: "plumbline_steps"]?.asList ?? []
        var effects: [String: Precedence.Effect] = [:]
        var waits: [String: [String]] = [:]
        for (index, step) in steps.enumerated() {
            let address = try #require(step[key: "address"]?.asString)
            let action = try #require(step[key: "action"]?.asString)
            if step[key: "deposed"] == nil {
                effects["\(index)"] = .init(
                    address: address, isDestruction: ["delete", "forget"].contains(action))
            }
            waits["\(index)"] = step[key: "after"]?.asList?.compactMap(\.asInt).map(String.init) ?? []
        }
        return Precedence.closure(of: effects, waits)
    }
}
