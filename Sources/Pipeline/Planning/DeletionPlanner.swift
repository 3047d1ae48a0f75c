internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Decides what becomes of recorded rows that the specs no longer declare.
struct DeletionPlanner {
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let options: PlanOptions
    let selection: Selection
    let state: RecordedState
    let scopes: ModuleScopes
    /// Addresses of all declared instances, selected or not.
    let declared: Set<ResourceAddress>
    let holds: HeldAddresses

    struct Planned {
        var changes: [PlannedChange] = []
        var rewrites: [RecordRewrite] = []
        var held: [HeldDifference] = []
    }

    func plan(_ diagnostics: inout Diagnostics) -> Planned {
        var planned = Planned()
        guard options.mode != .refreshOnly else { return planned }
        let removals = removals()
        let destruction = options.mode == .destroy ? DestructionSelection(state, graph, options) : nil
        for entry in state.entries {
            let record = entry.record
            let isDeclared = options.mode == .normal && record.deposedKey == nil && declared.contains(record.address)
            if let hold = holds.hold(of: record.address) {
                let isMeant = options.mode == .destroy || selection.includes(undeclared: record.address)
                if !isDeclared, isMeant, record.deposedKey == nil, !entry.isGone {
                    planned.held.append(HeldDifference(record.address, .delete, heldBy: hold))
                }
                continue
            }
            guard !isDeclared, destruction?.includes(record.address) ?? selection.includes(undeclared: record.address)
            else { continue }
            if let statement = entry.importing, let index = graph.declaration(at: record.address.resource) {
                // Known only now: the instances come from values of resources.
                diagnostics.append(.importOfNoInstance(statement, graph.declarations[index]))
                continue
            }
            if let why = state.held[record.address] {
                diagnostics.append(.held(record.address, why, at: nil))
            } else if entry.isGone {
                planned.rewrites.append(entry.removal)
            } else {
                planned.changes.append(deletion(of: entry, removals, &diagnostics))
            }
        }
        return planned
    }

    private func deletion(
        of entry: RecordedState.Entry, _ removals: AddressIndex<Int>, _ diagnostics: inout Diagnostics
    ) -> PlannedChange {
        let record = entry.record
        let index = graph.declaration(at: record.address.resource)
        let declaration = index.map { graph.declarations[$0] }
        let removal = declaration == nil || options.mode == .normal ? removal(of: record, removals) : nil
        let isRetained =
            removal.map { !$0.destroys }
            ?? (declaration.map { self.isRetained($0, record.address.key, &diagnostics) } ?? false
                || staysByItself(entry))
        let isLifted = removal?.liftsProtection ?? false
        if record.deposedKey == nil, !isRetained, !isLifted, !options.sparesNothing, isProtected(record, declaration) {
            diagnostics.append(
                declaration.map { .protected(record.address, "destroy", at: $0.range) }
                    ?? .protectedWithoutDeclaration(record.address, at: removal?.range))
        }
        return PlannedChange(
            address: record.address, deposedKey: record.deposedKey, action: isRetained ? .forget : .delete,
            reason: reason(record, declaration, removal), provider: record.provider,
            before: entry.live?.values ?? record.values,
            after: nil, priorPrivateData: entry.live?.privateData ?? record.privateData,
            declaredAt: removal?.range.location ?? declaration?.range.location, bookkeeping: record.bookkeeping,
            isIrreversible: !isRetained
                && catalogue.schema(of: record.address.type, .managed, in: record.provider)?.generatesSecrets == true)
    }

    /// Indexes of the statements.
    private func removals() -> AddressIndex<Int> {
        var index = AddressIndex<Int>()
        for (number, removal) in graph.refactorings.removals.enumerated() { index.insert(number, at: removal.from) }
        return index
    }

    private func removal(of record: ResourceRecord, _ removals: AddressIndex<Int>) -> RemovalStatement? {
        if options.sparesNothing { return nil }
        return removals.overlapping(record.address).min().map { graph.refactorings.removals[$0] }
    }

    private func reason(
        _ record: ResourceRecord, _ declaration: ResolvedResource?, _ removal: RemovalStatement?
    ) -> PlannedChange.Reason {
        if removal != nil, options.mode == .normal { return .removed }
        if record.deposedKey != nil { return .deposed }
        if options.mode == .destroy { return .destroying }
        guard let declaration else { return .notDeclared }
        if case .disabled = declaration.expansion { return .disabled }
        let meta = declaration.meta
        let hasKind =
            switch record.address.key {
            case nil: meta.count == nil && meta.forEach == nil
            case .index: meta.count != nil
            case .name: meta.forEach != nil
            }
        return hasKind ? .keyGone : .wrongRepetition
    }

    /// Protection is the state's until the spec lifts it.
    private func isProtected(_ record: ResourceRecord, _ declaration: ResolvedResource?) -> Bool {
        guard let declaration, let expression = declaration.meta.preventDestroy else { return record.isProtected }
        let key = record.address.key
        let scope = InstanceScope(scopes, in: declaration.module, key: key, eachValue: .unknown())
        let value = try? Evaluator(scope: scope).evaluate(expression)
        return value?.asBool ?? record.isProtected
    }

    /// Whether the resource itself says that it is to stay; of a deposed one, whose place is taken, that does not count.
    private func staysByItself(_ entry: RecordedState.Entry) -> Bool {
        let record = entry.record
        guard !options.sparesNothing, record.deposedKey == nil,
            let type = catalogue.resourceType(record.address.type, of: record.provider, at: .recorded) as? any Retaining
        else { return false }
        let live = entry.live ?? ResourceState(record.values, privateData: record.privateData)
        return type.isRetained(ResourceState(live.values.deeplyUnmarked, privateData: live.privateData))
    }

    /// What should have stayed must not be destroyed because `retain` cannot be told.
    private func isRetained(
        _ declaration: ResolvedResource, _ key: InstanceKey?, _ diagnostics: inout Diagnostics
    ) -> Bool {
        guard !options.sparesNothing, let expression = declaration.meta.retain else { return false }
        let scope = InstanceScope(scopes, in: declaration.module, key: key, eachValue: .unknown())
        let retained = diagnostics.collect { () throws(Diagnostics) in
            let value = try Evaluator(scope: scope).evaluate(expression)
            if let flag = (try? value.converted(to: .bool))?.asBool { return flag }
            throw Diagnostics(
                .error(
                    "Invalid lifecycle value",
                    "Whether to retain \(declaration.address.instance(key)) cannot be told"
                        + (value.isUnknown
                            ? ", since `retain` depends on a value that is not known (of a key that is gone, `each.value` is not)."
                            : ": `retain` must be true or false, but it is \(value.type.phrase)."),
                    address: declaration.address.instance(key), at: expression.range))
        }
        return retained ?? true
    }
}

extension Diagnostic {
    /// Of a resource of which it cannot be told what became of an interrupted change.
    static func held(_ address: ResourceAddress, _ why: String, at range: SourceRange?) -> Diagnostic {
        .error(
            "Resource held",
            "An earlier run was stopped in the middle of changing \(address), and it cannot be told what became of it: "
                + "\(why.last == "." ? String(why.dropLast()) : why). Look at it. If it exists and is not recorded, take it "
                + "over with `plumb import '\(address)' ID`. If nothing came of the change, or it does no harm to make it "
                + "again, `plumb state rm --interrupted '\(address)'` forgets that it was begun. `--exclude` leaves it out "
                + "until then.",
            address: address, at: range)
    }

    /// Of a resource that `prevent_destroy` protects from what the plan would do.
    static func protected(_ address: ResourceAddress, _ verb: String, at range: SourceRange?) -> Diagnostic {
        .error(
            "Protected resource",
            "The plan would \(verb) \(address), which `lifecycle.prevent_destroy` protects. To go on, set "
                + "`prevent_destroy: false`, apply that, and then \(verb) it; or leave it out with `--exclude`.",
            address: address, at: range)
    }

    /// Of a resource whose declaration has gone, and its protection has not.
    static func protectedWithoutDeclaration(_ address: ResourceAddress, at range: SourceRange?) -> Diagnostic {
        .error(
            "Protected resource",
            "The plan would destroy \(address), which is no longer declared. `lifecycle.prevent_destroy` was applied to "
                + "it, and holds until it is lifted: deleting the declaration does not lift it. To destroy it, add "
                + "`removed: [{from: \(address.written), lifecycle: {prevent_destroy: false}}]`; to keep it and forget it, "
                + "`removed: [{from: \(address.written), destroy: false}]`; or put the declaration back.",
            address: address, at: range)
    }
}

extension RecordedState.Entry {
    /// The row goes: the resource is gone.
    var removal: RecordRewrite { rewrite(values: nil) }

    /// The row takes the live values.
    var refreshed: RecordRewrite { rewrite(values: live?.values ?? record.values) }

    private func rewrite(values: Value?) -> RecordRewrite {
        RecordRewrite(
            address: record.address, deposedKey: record.deposedKey, provider: record.provider, values: values,
            privateData: live?.privateData, bookkeeping: record.bookkeeping, status: record.status)
    }
}

extension ResourceAddress {
    /// As a scalar inside of `{…}` in YAML.
    var written: String {
        let text = description
        return text.contains("[") ? "'\(text.replacing("'", with: "''"))'" : text
    }
}
