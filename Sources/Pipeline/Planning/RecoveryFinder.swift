internal import PlumbModel
internal import ProviderAPI

/// Finds out what became of intents that a killed run left open, by asking the providers.
struct RecoveryFinder {
    let catalogue: ProviderCatalogue
    let report: @Sendable (RunEvent) -> Void

    func find(_ intents: [Intent], recorded: [ResourceAddress: ResourceRecord]) async throws(Diagnostics)
        -> [PlannedRecovery]
    {
        var recoveries: [PlannedRecovery] = []
        var diagnostics = Diagnostics()
        for intent in intents {
            do throws(ProviderError) {
                let recovery = try await find(intent)
                recoveries.append(recovery)
                report(.recovering(recovery))
            } catch {
                diagnostics.append(
                    .error(
                        "Cannot settle an interrupted change",
                        "An earlier run was stopped while it was to \(intent.action.rawValue) \(intent.address), and the "
                            + "provider cannot say now what became of it: \(error.message) Nothing was changed; try again.",
                        address: intent.address))
            }
        }
        try diagnostics.throwIfErrors()
        return recoveries
    }

    private func find(_ intent: Intent) async throws(ProviderError) -> PlannedRecovery {
        guard let type = catalogue.resourceType(intent.address.type, of: intent.provider) else {
            return recovery(intent, .hold("its provider instance \"\(intent.provider)\" is not configured any more"))
        }
        guard type.hasLiveState else {
            // Nothing outside the state: what was not recorded never was, and what is recorded still is.
            return recovery(intent, intent.prior.map { .adopt($0) } ?? .conclude, intent.privateData)
        }
        if let recovering = type as? any Recovering {
            switch try await recovering.recover(intent.unmarked) {
            case .found(let state):
                let values = type.schema.marked(state.values, like: intent.planned ?? intent.prior)
                return recovery(intent, .adopt(values), state.privateData)
            case .absent: return recovery(intent, .conclude)
            case .unclear(let why): return recovery(intent, .hold(why))
            }
        }
        guard let prior = intent.prior else {
            return recovery(intent, .hold("the provider cannot tell whether \(intent.address.type) was created"))
        }
        let state = try await type.read(ResourceState(prior.deeplyUnmarked, privateData: intent.privateData))
        guard let state else { return recovery(intent, .conclude) }
        return recovery(intent, .adopt(type.schema.marked(state.values, like: prior)), state.privateData)
    }

    private func recovery(
        _ intent: Intent, _ finding: PlannedRecovery.Finding, _ privateData: String? = nil
    ) -> PlannedRecovery {
        PlannedRecovery(
            intent: intent.id, address: intent.address, action: intent.action, finding: finding,
            privateData: privateData)
    }
}
