internal import PlumbModel
internal import ProviderAPI

/// Finds out what became of intents that a killed run left open, by asking the providers.
struct RecoveryFinder: Sendable {
    let catalogue: ProviderCatalogue
    let report: @Sendable (RunEvent) -> Void

    /// - Returns: one finding an intent, in their order.
    func find(_ intents: [Intent]) async throws(Diagnostics) -> [PlannedRecovery] {
        var found = [PlannedRecovery?](repeating: nil, count: intents.count)
        var diagnostics = Diagnostics()
        await withTaskGroup(of: (Int, Result<PlannedRecovery, ProviderError>).self) { group in
            var pending = Array(intents.enumerated())[...]
            func start() {
                guard let (index, intent) = pending.popFirst() else { return }
                group.addTask { (index, await answer(about: intent)) }
            }
            for _ in 0..<RecoveryFinder.parallelism { start() }
            for await (index, result) in group {
                start()
                switch result {
                case .success(let recovery):
                    found[index] = recovery
                    report(.recovering(recovery))
                case .failure(let error): diagnostics.append(problem(error, intents[index]))
                }
            }
        }
        try diagnostics.throwIfErrors()
        return found.compactMap(\.self)
    }

    private func answer(about intent: Intent) async -> Result<PlannedRecovery, ProviderError> {
        do throws(ProviderError) {
            return .success(try await find(intent))
        } catch {
            return .failure(error)
        }
    }

    /// Look-ups wait more than they work: a provider may look twice before it believes that nothing was made.
    private static let parallelism = 64

    private func problem(_ error: ProviderError, _ intent: Intent) -> Diagnostic {
        Diagnostic.error(
            "Cannot settle an interrupted change",
            "An earlier run was stopped while it was to \(intent.action.rawValue) \(intent.address), and the provider "
                + "cannot say now what became of it: \(error.message) Nothing was changed; try again.",
            address: intent.address
        )
        .passing(if: error.isUnreachable)
    }

    private func find(_ intent: Intent) async throws(ProviderError) -> PlannedRecovery {
        guard catalogue.isConfigured(intent.provider, at: .recorded) else {
            return recovery(
                intent,
                .hold(
                    "the settings of its provider instance \"\(intent.provider)\" come from resources that are not recorded"
                ))
        }
        guard let type = catalogue.resourceType(intent.address.type, of: intent.provider, at: .recorded) else {
            return recovery(intent, .hold("its provider instance \"\(intent.provider)\" is not configured any more"))
        }
        if let recovering = type as? any Recovering {
            switch try await recovering.recover(intent.unmarked) {
            case .found(let state):
                return recovery(intent, .adopt(marked(state.values, intent, type.schema)), state.privateData)
            case .absent: return recovery(intent, .conclude)
            case .unclear(let why): return recovery(intent, .hold(why))
            }
        }
        guard type.hasLiveState else {
            // Nothing outside the state: what was not recorded never was, and what is recorded still is.
            return recovery(intent, intent.prior.map { .adopt($0) } ?? .conclude, intent.privateData)
        }
        guard let prior = intent.prior else {
            return recovery(intent, .hold("the provider cannot tell whether \(intent.address.type) was created"))
        }
        let state = try await type.read(ResourceState(prior.forProvider, privateData: intent.privateData))
        guard let state else { return recovery(intent, .conclude) }
        return recovery(intent, .adopt(marked(state.values, intent, type.schema)), state.privateData)
    }

    /// Where a change may not have happened, what is there is as secret as it was before.
    private func marked(_ values: Value, _ intent: Intent, _ schema: Schema) -> Value {
        let asPlanned = schema.marked(values, like: intent.found(schema))
        guard let planned = intent.planned, let prior = intent.prior, prior.containsSensitive else { return asPlanned }
        let hasHappened = schema.attributes.filter { !$0.isWriteOnly }.allSatisfy { attribute in
            let wanted = planned[key: attribute.name] ?? .null
            return !wanted.isWhollyKnown || wanted.isSame(as: values[key: attribute.name] ?? .null)
        }
        return hasHappened
            ? asPlanned : schema.takingWriteOnly(of: schema.marked(asPlanned, like: prior), from: asPlanned)
    }

    private func recovery(
        _ intent: Intent, _ finding: PlannedRecovery.Finding, _ privateData: String? = nil
    ) -> PlannedRecovery {
        PlannedRecovery(
            intent: intent.id, address: intent.address, action: intent.action, finding: finding,
            privateData: privateData)
    }
}
