internal import Planning
internal import PlumbModel
internal import ProviderAPI

/// Narrows a plan of the whole stack down to what sets drift back: what else is pending in the specs is left to an apply.
struct HealPlanning {
    let session: StackSession
    let operation: PlanOperation
    let parallelism: Int?
    let report: @Sendable (RunEvent) -> Void

    /// Why what could not be read is left alone.
    static let unread = "it could not be read"

    /// So often pending changes may uncover further ones.
    private static let rounds = 6

    struct Heal {
        /// With nothing in its plan but the heal.
        var result: PlanResult
        /// What it leaves alone, and why.
        var notices: [ResourceAddress: String] = [:]
        /// The resources that it sets back.
        var addresses: Set<ResourceAddress> = []

        var plan: Plan { result.plan }
    }

    /// - Parameter first: the plan that the findings come from; asked for no second time where nothing else is pending.
    func plan(_ findings: [DriftCheck.Finding], first: PlanResult) async throws(Diagnostics) -> Heal {
        if let move = first.plan.moves.first {
            throw Diagnostics(
                .error(
                    "Moves are pending",
                    "The specs give \(move.from) the address \(move.to), and no apply has done so yet. A heal does not: run "
                        + "`plumb apply` first.", address: move.to))
        }
        let byAddress = Dictionary(grouping: findings, by: \.record.address)
        var result = first
        var notices: [ResourceAddress: String] = [:]
        var unreadable: Set<ResourceAddress> = []
        var leaving: [ResourceAddress: [AttributePattern]] = [:]
        for (address, findings) in byAddress {
            let others = findings.filter { !$0.isToBeHealed }
            if !others.isEmpty { leaving[address] = others.compactMap { AttributePattern($0.record.path) } }
        }
        var excluded: Set<ResourceAddress> = Set(
            findings.filter { $0.record.path.steps.isEmpty && !$0.isToBeHealed && $0.hold == nil }.map(\.record.address)
        )
        for round in 0..<Self.rounds {
            unreadable.formUnion(result.unreadable.map(\.address))
            let found = pending(result, byAddress, unreadable, isNarrowed: round > 0)
            if found.isEmpty, round > 0 || (leaving.isEmpty && excluded.isEmpty) {
                try DestructionGuard(session).check(result, advice: DestructionGuard.healAdvice)
                result.plan = withoutPendingOutputs(result.plan)
                return heal(result, byAddress, notices)
            }
            notices.merge(found) { first, _ in first }
            excluded.formUnion(found.keys)
            var options = PlanOptions(
                excludes: excluded.sorted().map { AddressPattern($0.description) }, parallelism: parallelism)
            options.leaving = leaving
            options.sparesUnreadable = true
            result = try await operation.run(options, report: report)
        }
        throw Diagnostics(
            .error(
                "Heal cannot be told from other changes",
                "Whatever is left out of the plan, something else changes in it that is no drift. Nothing was changed. Run "
                    + "`plumb apply`."))
    }

    /// Outputs follow what is created again. What is known of them before is no drift, but another spec.
    private func withoutPendingOutputs(_ plan: Plan) -> Plan {
        var plan = plan
        let pending = plan.outputs.filter { $0.action != .noOp && $0.after?.isWhollyKnown ?? true }
        guard !pending.isEmpty else { return plan }
        let names = Set(pending.map(\.name))
        plan.outputs.removeAll { names.contains($0.name) }
        // A plan that leaves something out does not say that the stack is at its revision.
        plan.origin.excludes += names.sorted().map { "output.\($0)" }
        return plan
    }

    private func heal(
        _ result: PlanResult, _ findings: [ResourceAddress: [DriftCheck.Finding]],
        _ notices: [ResourceAddress: String]
    ) -> Heal {
        var heal = Heal(result: result, notices: notices)
        heal.addresses = Set(heal.plan.changes.map(\.address)).intersection(findings.keys)
        for (address, findings) in findings where !heal.addresses.contains(address) && notices[address] == nil {
            if findings.contains(where: \.isToBeHealed) {
                heal.notices[address] = "it waits for a resource that a heal leaves alone"
            }
        }
        return heal
    }

    /// What of a plan is no heal, with the reason.
    ///
    /// - Parameter unreadable: what could not be read. What waits for it is left out with it, because it would be made from
    ///   values that may be others by now; and what it was made from itself is not destroyed under it.
    private func pending(
        _ result: PlanResult, _ findings: [ResourceAddress: [DriftCheck.Finding]],
        _ unreadable: Set<ResourceAddress>, isNarrowed: Bool
    ) -> [ResourceAddress: String] {
        var pending = Dictionary(
            result.unreadable.map { ($0.address, Self.unread) }, uniquingKeysWith: { first, _ in first })
        let foundations = unreadable.isEmpty ? [] : result.foundations(of: unreadable)
        for change in result.plan.changes {
            if case .replace = change.action,
                foundations.contains(change.address) || foundations.contains(change.address.resource)
            {
                pending[change.address] = "it would be replaced, and what was made from it could not be read"
            } else if let why = reason(against: change, result, findings[change.address] ?? [], isNarrowed) {
                pending[change.address] = why
            }
        }
        for found in result.plan.imports { pending[found.address] = "its import is pending: plumb apply" }
        return pending
    }

    private func reason(
        against change: PlannedChange, _ result: PlanResult, _ findings: [DriftCheck.Finding], _ isNarrowed: Bool
    ) -> String? {
        guard change.address.mode == .managed, change.deposedKey == nil else {
            return change.action == .read ? nil : "it is no longer declared: plumb apply"
        }
        let changed = "its specs have changed too: plumb apply"
        switch change.action {
        case .read: return nil
        case .delete, .forget: return "it is no longer declared: plumb apply"
        case .wait: return "it is not ready yet: plumb apply"
        case .create:
            return findings.isEmpty
                ? "it is new in the specs: plumb apply" : isChanged(change, result, findings) ? changed : nil
        case .update, .replace: break
        }
        switch change.reason {
        case .tainted: return "it was made half-way only, and would be replaced: plumb apply"
        case .triggered:
            // It follows what is set back.
            return allowsReplacement(change.address, result)
                ? nil
                : "`replace_triggered_by` would replace it, and no heal may do that (`drift: {replace: true}` allows it)"
        case .requested, .imported: return changed
        default: break
        }
        if !findings.isEmpty, !findings.contains(where: \.isToBeHealed) {
            if isChanged(change, result, findings) { return changed }
            return isNarrowed ? "it cannot be left as it is beside the rest" : nil
        }
        if findings.isEmpty, !isFollowing(change) {
            return
                "it has not drifted, and would change all the same: its specs are others, or what it is made from is: "
                + "plumb apply"
        }
        if !findings.isEmpty, isChanged(change, result, findings) { return changed }
        if case .replace = change.action, !allowsReplacement(change.address, result) {
            return
                "setting it back would replace it, and no heal may do that (`drift: {replace: true}` allows it): plumb apply"
        }
        return nil
    }

    private func allowsReplacement(_ address: ResourceAddress, _ result: PlanResult) -> Bool {
        result.driftPolicies[address]?.replaces ?? session.specification.stack.sync.replaces
    }

    /// Whether all that it changes waits for what the plan changes before.
    private func isFollowing(_ change: PlannedChange) -> Bool {
        guard let before = change.before, let after = change.after else { return false }
        return before.differingPaths(after, at: AttributePath()).allSatisfy { path in
            (after[path: path] ?? .null).containsUnknown
        }
    }

    /// Whether the specs want something else than what is recorded, beside what has drifted.
    private func isChanged(
        _ change: PlannedChange, _ result: PlanResult, _ findings: [DriftCheck.Finding]
    ) -> Bool {
        guard let after = change.after, let recorded = result.values(of: change.address)?.recorded,
            let index = session.graph.declaration(at: change.address.resource)
        else { return true }
        return session.graph.declarations[index].schema.attributes.contains { attribute in
            guard attribute.isSettable, !attribute.isVolatile else { return false }
            let (old, new) = (recorded[key: attribute.name] ?? .null, after[key: attribute.name] ?? .null)
            if attribute.normalisation.map({ $0.areSame(old, new) }) ?? false { return false }
            return old.differingPaths(new, at: AttributePath(attribute.name)).contains { path in
                let wanted = after[path: path] ?? .null
                if wanted.containsUnknown { return false }
                // What is left as it is live, or was recorded so by an earlier heal.
                guard
                    let finding = findings.first(where: {
                        $0.record.path.contains(path) || path.contains($0.record.path)
                    })
                else { return true }
                let isLeft = wanted.isSame(as: result.values(of: change.address)?.live?[path: path] ?? .null)
                return !isLeft && !(after[path: finding.record.path] ?? .null).isSame(as: finding.record.expected)
            }
        }
    }
}

extension Value {
    /// Whether it, or something in it, is known only after an apply.
    fileprivate var containsUnknown: Bool { !isWhollyKnown }
}
