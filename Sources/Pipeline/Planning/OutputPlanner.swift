internal import Expressions
internal import PlumbModel

/// Decides what becomes of the outputs.
struct OutputPlanner {
    let graph: ResourceGraph
    let options: PlanOptions
    let scope: StackScope

    func plan(recorded: [OutputRecord], _ diagnostics: inout Diagnostics) -> [PlannedOutput] {
        switch options.mode {
        case .refreshOnly: return []
        case .destroy:
            // A part of a stack takes no output along: what is not named here stays as it is recorded.
            let isWhole = options.targets.isEmpty && options.excludes.isEmpty
            return isWhole ? recorded.map(PlannedOutput.deletion) : []
        case .normal: break
        }
        // Where an instance has failed, its outputs would only repeat the failure.
        guard !diagnostics.hasErrors else { return [] }
        let before = Dictionary(recorded.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var outputs: [PlannedOutput] = []
        for output in graph.outputs {
            let value = diagnostics.collect { () throws(Diagnostics) in
                try Evaluator(scope: InstanceScope(scope)).evaluate(output.value)
            }
            guard let value else { continue }
            output.check(value, &diagnostics)
            outputs.append(
                PlannedOutput(
                    output.name, before: before[output.name], after: value.sensitive(output.isSensitive)))
        }
        let names = Set(graph.outputs.map(\.name))
        return outputs + recorded.filter { !names.contains($0.name) }.map(PlannedOutput.deletion)
    }
}

extension PlannedOutput {
    fileprivate init(_ name: String, before: Value?, after: Value) {
        let action: Action
        if let before {
            let isSame = before.isSame(as: after) && before.isSensitive == after.isSensitive && after.isWhollyKnown
            action = isSame ? .noOp : .update
        } else {
            action = .create
        }
        self.init(name: name, action: action, before: before, after: after)
    }

    fileprivate static func deletion(_ record: OutputRecord) -> PlannedOutput {
        PlannedOutput(name: record.name, action: .delete, before: record.value, after: nil)
    }
}
