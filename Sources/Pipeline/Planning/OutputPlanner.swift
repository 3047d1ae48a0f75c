internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Plans what comes after all resources: outputs, the validations that had to wait for them, and checks.
struct OutputPlanner {
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let scopes: ModuleScopes
    /// Without keys: the resources that this plan changes.
    let changing: Set<ResourceAddress>

    private(set) var outputs: [PlannedOutput] = []
    private(set) var results: [CheckResult] = []
    private(set) var diagnostics = Diagnostics()

    init(graph: ResourceGraph, catalogue: ProviderCatalogue, scopes: ModuleScopes, changing: Set<ResourceAddress>) {
        self.graph = graph
        self.catalogue = catalogue
        self.scopes = scopes
        self.changing = changing
    }

    /// - Parameter resources: what came of the conditions of the instances.
    mutating func plan(recorded: [OutputRecord], resources: [CheckResult], selected: OutputSelection) async {
        judgeVariables()
        results += resources
        planOutputs(recorded, selected)
        await reviewChecks()
    }

    mutating func reviewChecks() async {
        for module in graph.modules.indices {
            for check in graph.modules[module].content.checks { await review(check, in: module) }
        }
    }

    private mutating func judgeVariables() {
        for (module, instance) in graph.modules.enumerated() {
            var judged: [String: ConditionJudgement] = [:]
            for validation in instance.content.validations {
                let judgement = validation.judge(InstanceScope(scopes, in: module), &diagnostics)
                judged[validation.variable] =
                    judged[validation.variable].map { $0.joined(with: judgement) } ?? judgement
            }
            results += judged.sorted { $0.key < $1.key }.map {
                $0.value.result(of: .variable($0.key), in: instance.path.addressText)
            }
        }
    }

    private mutating func planOutputs(_ recorded: [OutputRecord], _ selected: OutputSelection) {
        let before = Dictionary(recorded.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        for (module, instance) in graph.modules.enumerated() where module > 0 {
            for output in instance.content.outputs {
                do throws(Diagnostics) { try judge(output, in: module) } catch { diagnostics.append(error) }
            }
        }
        for output in graph.root.outputs where selected.includes(output) {
            do throws(Diagnostics) {
                // What must hold of an output may be why its value can be evaluated at all.
                try judge(output, in: 0)
                let value = try Evaluator(scope: scopes.stack).evaluate(output.value)
                output.check(value, &diagnostics)
                outputs.append(
                    PlannedOutput(output.name, before: before[output.name], after: value.sensitive(output.isSensitive)))
            } catch {
                diagnostics.append(error)
            }
        }
        outputs += selected.undeclared(recorded).map(PlannedOutput.deletion)
    }

    private mutating func judge(_ output: ResolvedOutput, in module: Int) throws(Diagnostics) {
        guard !output.preconditions.isEmpty else { return }
        let judgement = ConditionChecker(InstanceScope(scopes, in: module), of: .output(output.name)).judge(
            output.preconditions)
        results.append(judgement.result(of: .output(output.name), in: graph.modules[module].path.addressText))
        if let problems = judgement.diagnostics("Precondition of an output failed", .output(output.name)) {
            throw problems
        }
    }

    private mutating func review(_ check: ResolvedCheck, in module: Int) async {
        let catalogue = catalogue
        let path = graph.modules[module].path
        let isPending =
            check.data.map { graph.waits(ResolvedResource($0, in: module, path: path), forAnyOf: changing) } ?? false
        let review = await CheckReviewer(check, scopes: scopes, in: module).review(isPending: isPending) {
            (data, declared) async throws(Diagnostics) in
            try await catalogue.read(data, at: data.address, of: data.provider, declared: declared)
        }
        results.append(review.result)
        diagnostics.append(review.warnings)
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

    static func deletion(_ record: OutputRecord) -> PlannedOutput {
        PlannedOutput(name: record.name, action: .delete, before: record.value, after: nil)
    }
}
