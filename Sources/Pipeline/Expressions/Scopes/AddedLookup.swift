internal import PlumbModel

/// A lookup with one resource more.
final class AddedLookup: ResourceLookup {
    private let address: ResourceAddress
    private let value: Value
    private let others: any ResourceLookup

    init(_ address: ResourceAddress, _ value: Value, to others: any ResourceLookup) {
        self.address = address
        self.value = value
        self.others = others
    }

    func value(
        of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        guard resource == address else { return try others.value(of: resource, key: key, at: range) }
        guard let key else { return value }
        if let attribute = key.value.asString, let found = value[key: attribute] { return found }
        if value.isUnknown { return .unknown() }
        throw Diagnostics(
            .error("Unknown instance", "\(resource) is one instance: write it without \(key).", at: range))
    }
}
