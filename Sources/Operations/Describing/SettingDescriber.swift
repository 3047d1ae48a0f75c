internal import Planning
internal import PlumbModel
internal import ProviderAPI

/// Describes what stood around a plan, for documents that programs read.
struct SettingDescriber {
    private let session: StackSession

    init(_ session: StackSession) { self.session = session }

    func describe(_ result: PlanResult) -> PlanSetting {
        var setting = PlanSetting()
        setting.variables = session.graph.variables
        setting.prior = result.prior.map(PlanSetting.PriorResource.init) + result.plan.data.map(priorData)
        setting.priorOutputs = Dictionary(
            result.priorOutputs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        setting.unchanged = result.plan.mode == .refreshOnly ? [] : result.unchanged
        setting.configuration = ConfigurationDescriber(session).describe()
        setting.relevantAttributes = RelevanceFinder(session.graph).find(result.plan)
        setting.pendingReads = Set(result.plan.changes.filter(isAskedWithKnownValues).map(\.address))
        return setting
    }

    private func priorData(_ data: PlannedData) -> PlanSetting.PriorResource {
        let index = session.graph.declaration(at: data.address.resource)
        return PlanSetting.PriorResource(
            address: data.address, deposedKey: nil,
            provider: index.map { session.graph.declarations[$0].provider } ?? "", values: data.values,
            dependencies: [], isTainted: false)
    }

    private func isAskedWithKnownValues(_ change: PlannedChange) -> Bool {
        guard change.action == .read, let values = change.after else { return false }
        let schema = session.catalogue.schema(of: change.address.type, .data, in: change.provider)
        return (schema?.attributes ?? []).filter(\.isSettable).allSatisfy { attribute in
            let value = values[key: attribute.name] ?? .null
            // What the provider decides is unknown because nobody has asked it yet.
            return value.isWhollyKnown || (attribute.isComputed && value.isUnknown)
        }
    }
}
