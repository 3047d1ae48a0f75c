import PlumbModel
import ProviderAPI

/// A type of which nothing exists outside the state: reading it gives what is recorded, deleting it does nothing.
protocol StateOnlyType: Recovering {}

extension StateOnlyType {
    var hasLiveState: Bool { false }

    func read(_ prior: ResourceState) async throws(ProviderError) -> ResourceState? { prior }

    /// Takes the planned values; what they leave open stays as it was.
    func update(_ request: UpdateRequest) async throws(ProviderError) -> ResourceState {
        let prior = request.prior.values
        let values = schema.attributes.map { attribute in
            let planned = request.planned[key: attribute.name] ?? .null
            return (attribute.name, planned.isUnknown ? prior[key: attribute.name] ?? .null : planned)
        }
        return ResourceState(.object(ValueMap(values)), privateData: request.prior.privateData)
    }

    func delete(_ request: DeleteRequest) async throws(ProviderError) {}

    /// What was not recorded never happened.
    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        guard let prior = intent.prior else { return .absent }
        return .found(ResourceState(prior, privateData: intent.privateData))
    }
}

extension Value {
    /// The same object with some attributes set.
    func setting(_ changes: KeyValuePairs<String, Value>) -> Value {
        .object((asMap ?? ValueMap()).merging(ValueMap(changes.map { ($0.key, $0.value) })))
    }

    /// The attribute, null where it is absent.
    func attribute(_ name: String) -> Value { asMap?[name] ?? .null }
}
