internal import Planning
internal import PlumbModel

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
        return setting
    }

    private func priorData(_ data: PlannedData) -> PlanSetting.PriorResource {
        let index = session.graph.declaration(at: data.address.resource)
        return PlanSetting.PriorResource(
            address: data.address, deposedKey: nil,
            provider: index.map { session.graph.declarations[$0].provider } ?? "", values: data.values,
            dependencies: [], isTainted: false)
    }
}
