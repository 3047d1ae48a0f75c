import Foundation
import PlumbModel
import Testing

/// What Terraform answers to a case: run live, in a folder of its own.
struct TerraformRun {
    static let isInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/terraform")
    }

    private let stack: Stack

    /// - Returns: a digest for each step.
    static func digests(of one: ComparisonCase) async throws -> Value {
        let run = TerraformRun(stack: try Stack())
        var digests: [Value] = []
        for (index, step) in one.steps.enumerated() {
            digests.append(try await run.digest(of: step, isLast: index == one.steps.count - 1))
        }
        return .tuple(digests)
    }

    private func digest(of step: ComparisonCase.Step, isLast: Bool) async throws -> Value {
        try stack.place(step.folder, suffix: ".tf")
        try await succeed("init", "-input=false", "-no-color")
        for address in step.taints { try await succeed("taint", address) }
        let planned = try await terraform(["plan", "-input=false", "-no-color", "-out=it.plan"] + step.options)
        guard planned.code == 0 else {
            try #require(planned.errors.contains("Error: "), "terraform plan: \(planned.errors)")
            return PlanDigest.refusal
        }
        let document = try PlanDigest.parse(try await succeed("show", "-json", "it.plan"))
        let graph = try await succeed("graph", "-plan=it.plan")
        if !isLast { try await succeed("apply", "-input=false", "-no-color", "it.plan") }
        return PlanDigest.of(document, order: Self.order(document, graph))
    }

    @discardableResult
    private func succeed(_ arguments: String...) async throws -> String {
        let result = try await terraform(arguments)
        try #require(result.code == 0, "terraform \(arguments): \(result.output)\(result.errors)")
        return result.output
    }

    private func terraform(_ arguments: [String]) async throws -> ChildProcess.Result {
        try await ProcessGate.shared.pass {
            let environment = Plumb.environment.merging([
                "TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            ]) { $1 }
            return await
                (try ChildProcess(
                    "terraform", arguments, in: stack.directory.path, environment: environment, deadline: 120)).result()
        }
    }

    // MARK: - Order

    /// What the apply's graph says of the order of side effects.
    private static func order(_ document: Value, _ graph: String) -> Set<Precedence> {
        var waits: [String: [String]] = [:]
        for line in graph.split(separator: "\n") {
            guard let edge = line.wholeMatch(of: #/\s*"(.*)" -> "(.*)"/#) else { continue }
            waits[vertex(edge.output.1), default: []].append(vertex(edge.output.2))
        }
        var effects: [String: Precedence.Effect] = [:]
        for change in document[key: "resource_changes"]?.asList ?? [] {
            guard let address = change[key: "address"]?.asString, change[key: "deposed"] == nil else { continue }
            for action in change[key: "change"]?[key: "actions"]?.asList?.compactMap(\.asString) ?? [] {
                if ["delete", "forget"].contains(action) {
                    effects["\(address) (destroy)"] = .init(address: address, isDestruction: true)
                } else if action != "no-op" {
                    effects[address] = .init(address: address, isDestruction: false)
                }
            }
        }
        return Precedence.closure(of: effects, waits)
    }

    private static func vertex(_ text: Substring) -> String {
        let name = text.replacing("\\\"", with: "\"")
        let address = String(name.hasPrefix("[root] ") ? name.dropFirst(7) : name[...])
        // What is destroyed after its successor has been made has been put aside by then.
        return address.replacing(#/\(destroy deposed [0-9a-f]+\)/#, with: "(destroy)")
    }
}

extension Precedence {
    /// What comes before what, also by way of others.
    ///
    /// - Parameters:
    ///   - effects: by the vertex that stands for each.
    ///   - waits: for each vertex, those that it waits for.
    static func closure(of effects: [String: Effect], _ waits: [String: [String]]) -> Set<Precedence> {
        var order: Set<Precedence> = []
        for (vertex, effect) in effects {
            var seen: Set<String> = [vertex]
            var pending = waits[vertex] ?? []
            while let next = pending.popLast() {
                guard seen.insert(next).inserted else { continue }
                if let earlier = effects[next], earlier != effect { order.insert(Precedence(earlier, effect)) }
                pending += waits[next] ?? []
            }
        }
        return order
    }
}

extension Stack {
    /// Puts the files of a step in place of those of the step before.
    func place(_ folder: URL, suffix: String) throws {
        for name in list("") where name.hasSuffix(suffix) && name != "stack.yaml" { try remove(name) }
        let enumerator = FileManager.default.enumerator(atPath: folder.path)
        while let name = enumerator?.nextObject() as? String {
            guard name.hasSuffix(suffix) else { continue }
            try write(name, try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
        }
    }
}
