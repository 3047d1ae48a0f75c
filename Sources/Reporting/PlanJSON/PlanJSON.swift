public import PlumbModel

/// A plan as `terraform show -json` writes it: format 1.2, with the same keys and meanings, so that policies and tools made
/// for Terraform read it. Secrets are masked unless they are asked for.
public struct PlanJSON: Sendable {
    static let format = "1.2"
    /// The version of Terraform whose documents these are like: some readers insist on one.
    static let terraformVersion = "1.11.4"

    private let plan: Plan
    private let setting: PlanSetting
    /// By name.
    private let outputs: [PlannedOutput]
    private let pieces: ValuePieces

    /// - Parameter showsSensitive: writes secrets as they are, instead of `(sensitive)`.
    public init(_ plan: Plan, in setting: PlanSetting, showsSensitive: Bool) {
        self.plan = plan
        self.setting = Self.masked(setting, plan)
        outputs = Self.outputs(plan, setting)
        pieces = ValuePieces(showsSensitive: showsSensitive)
    }

    /// - Parameter sink: takes the text, piece by piece.
    public func render(_ sink: @escaping (String) -> Void) {
        var stream = JSONStream(sink)
        write(to: &stream)
        stream.finish()
    }

    /// The whole document.
    public func text() -> String {
        var text = ""
        render { text += $0 }
        return text
    }

    private func write(to stream: inout JSONStream) {
        let changes = resourceChanges()
        stream.object { stream in
            stream.member("format_version", PlanJSON.format)
            stream.member("terraform_version", PlanJSON.terraformVersion)
            stream.member("plumbline_version", plan.origin.version)
            writeVariables(to: &stream)
            writePlannedValues(changes, to: &stream)
            writeDrift(to: &stream)
            if !changes.isEmpty { stream.array("resource_changes", of: changes) { $1.write(to: &$0, pieces) } }
            writeOutputChanges(to: &stream)
            let prior = StateJSON(setting.prior, setting.priorOutputs, version: plan.origin.version, pieces)
            if !prior.isEmpty {
                stream.name("prior_state")
                prior.write(to: &stream)
            }
            stream.name("configuration")
            ConfigurationJSON(configuration: setting.configuration, pieces: pieces).write(to: &stream)
            writeRelevantAttributes(to: &stream)
            if !plan.checks.isEmpty {
                stream.name("checks")
                ChecksJSON(plan.checks).write(to: &stream)
            }
            if !plan.policies.isEmpty {
                stream.array("plumbline_policies", of: plan.policies) { PolicyJSON($1).write(to: &$0) }
            }
            if !plan.held.isEmpty { stream.array("plumbline_held", of: plan.held) { HeldText.write($1, to: &$0) } }
            stream.member("timestamp", Wording.instant(plan.origin.createdAt))
            stream.member("applyable", !plan.isEmpty)
            stream.member("complete", plan.origin.targets.isEmpty && plan.origin.excludes.isEmpty)
            stream.member("errored", false)
            if !plan.steps.isEmpty { writeSteps(to: &stream) }
        }
    }

    // MARK: - Parts

    private func writeVariables(to stream: inout JSONStream) {
        guard !setting.variables.isEmpty else { return }
        stream.object("variables") { stream in
            for (name, value) in setting.variables.sorted(by: { $0.key < $1.key }) {
                stream.object(name) { $0.member("value", pieces.known(value) ?? .null) }
            }
        }
    }

    private func writePlannedValues(_ changes: [ResourceChangeJSON], to stream: inout JSONStream) {
        stream.object("planned_values") { stream in
            let remaining = outputs.compactMap { output in output.after.map { (output.name, $0) } }
            if !remaining.isEmpty {
                pieces.writeOutputs(Dictionary(remaining, uniquingKeysWith: { first, _ in first }), to: &stream)
            }
            let resources = changes.filter { $0.isThereAfterwards && $0.deposedKey == nil }
            stream.object("root_module") { stream in
                ModuleTree(resources, at: \.address).write(to: &stream) { stream, change in
                    stream.object { stream in
                        stream.writeAddress(change.address, provider: change.provider)
                        pieces.writeValues(change.after, to: &stream)
                    }
                }
            }
        }
    }

    private func writeDrift(to stream: inout JSONStream) {
        guard !plan.drift.isEmpty else { return }
        let providers = Dictionary(
            setting.prior.map { ($0.address, $0.provider) } + plan.changes.map { ($0.address, $0.provider) },
            uniquingKeysWith: { first, _ in first })
        let previous = plan.previousAddresses
        stream.array("resource_drift", of: plan.drift.sorted { $0.address < $1.address }) { stream, drifted in
            ResourceChangeJSON(drifted, provider: providers[drifted.address] ?? drifted.address.type)
                .moved(from: previous[drifted.address]).write(to: &stream, pieces)
        }
    }

    private func writeOutputChanges(to stream: inout JSONStream) {
        guard !outputs.isEmpty else { return }
        stream.object("output_changes") { stream in
            for output in outputs {
                stream.object(output.name) { stream in
                    stream.member("actions", [output.word])
                    stream.member("before", output.before.flatMap(pieces.known) ?? .null)
                    if let after = output.after.map(pieces.known) ?? .null { stream.member("after", after) }
                    stream.member("after_unknown", ValuePieces.unknowns(output.after ?? .null, otherwise: false))
                    let isSensitive = [output.before, output.after].contains { $0?.containsSensitive == true }
                    stream.member("before_sensitive", isSensitive)
                    stream.member("after_sensitive", isSensitive)
                }
            }
        }
    }

    /// By name; a plan that only refreshes leaves all as they are recorded.
    private static func outputs(_ plan: Plan, _ setting: PlanSetting) -> [PlannedOutput] {
        let outputs =
            plan.mode != .refreshOnly
            ? plan.outputs
            : setting.priorOutputs.map { PlannedOutput(name: $0.key, action: .noOp, before: $0.value, after: $0.value) }
        return outputs.sorted { $0.name < $1.name }.map { output in
            PlannedOutput(
                name: output.name, action: output.action, before: output.before?.masked(like: output.after),
                after: output.after?.masked(like: output.before))
        }
    }

    /// What the plan has found to be secret is so in what was recorded before, too.
    private static func masked(_ setting: PlanSetting, _ plan: Plan) -> PlanSetting {
        var setting = setting
        var marks: [ResourceAddress: Value] = [:]
        for change in plan.changes where change.deposedKey == nil && change.after?.containsSensitive == true {
            marks[change.address] = change.after
        }
        for rewrite in plan.rewrites where rewrite.deposedKey == nil && rewrite.values?.containsSensitive == true {
            marks[rewrite.address] = rewrite.values
        }
        for index in setting.prior.indices where setting.prior[index].deposedKey == nil {
            guard let mark = marks[setting.prior[index].address] else { continue }
            setting.prior[index].values = setting.prior[index].values.masked(like: mark)
        }
        for output in plan.outputs {
            setting.priorOutputs[output.name] = setting.priorOutputs[output.name]?.masked(like: output.after)
        }
        return setting
    }

    private func writeRelevantAttributes(to stream: inout JSONStream) {
        guard !setting.relevantAttributes.isEmpty else { return }
        stream.array("relevant_attributes", of: setting.relevantAttributes) { stream, attribute in
            stream.object { stream in
                stream.member("resource", attribute.resource.description)
                stream.member("attribute", attribute.attribute.document)
            }
        }
    }

    /// What Terraform's documents do not say: the side effects in their order; `after` holds indexes of this same list.
    private func writeSteps(to stream: inout JSONStream) {
        stream.array("plumbline_steps", of: plan.steps) { stream, step in
            stream.object { stream in
                let change = plan.changes[step.change]
                stream.member("address", change.address.description)
                if let key = change.deposedKey { stream.member("deposed", key) }
                stream.member("action", step.kind.rawValue)
                // Groups are Plumbline's own; here each step says itself what it waits for.
                let after =
                    step.afterGroups.isEmpty ? step.after : step.after + step.afterGroups.flatMap { plan.groups[$0] }
                stream.member("after", .tuple(Set(after).sorted().map(Value.number)))
            }
        }
    }

    // MARK: - Changes

    /// What changes and what does not, in the order of addresses.
    private func resourceChanges() -> [ResourceChangeJSON] {
        let prior = Dictionary(
            setting.prior.filter { $0.deposedKey == nil }.map { ($0.address, $0) },
            uniquingKeysWith: { first, _ in first })
        var changes = plan.changes.map { change in
            ResourceChangeJSON(change, reason: ActionReason(setting).word(change))
        }
        changes += setting.unchanged.compactMap { prior[$0] }.map(ResourceChangeJSON.init)
        let previous = plan.previousAddresses
        let imports = Dictionary(plan.imports.map { ($0.address, $0.id) }, uniquingKeysWith: { first, _ in first })
        changes = changes.map { $0.moved(from: previous[$0.address], importedBy: imports[$0.address]) }
        return changes.sorted { ($0.address, $0.deposedKey ?? "") < ($1.address, $1.deposedKey ?? "") }
    }
}

extension PlannedOutput {
    /// Terraform's word; to it, an output that is null is none.
    fileprivate var word: String {
        let wasThere = before?.isNull == false
        let isThere = after?.isNull == false
        return switch (wasThere, isThere) {
        case (false, false): "no-op"
        case (false, true): "create"
        case (true, false): "delete"
        case (true, true): action == .noOp ? "no-op" : "update"
        }
    }
}

extension AttributePath {
    /// As a list of names and indexes.
    var document: Value {
        .tuple(
            steps.map { step in
                switch step {
                case .key(let key): .string(key)
                case .index(let index): .number(index)
                }
            })
    }
}
