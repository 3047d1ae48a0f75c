internal import PlumbModel
internal import ProviderAPI

/// Tells which provider rows belong to and what their types look like, from rows and from the stack's providers.
struct RecordedTypes: Sendable {
    /// By type: the providers that rows of it belong to.
    private let providers: [String: Set<String>]
    private let catalogue: ProviderCatalogue

    init(_ catalogue: ProviderCatalogue, _ contents: StateContents) {
        self.catalogue = catalogue
        providers = Dictionary(
            contents.resources.map { ($0.address.type, [$0.provider]) }, uniquingKeysWith: { $0.union($1) })
    }

    /// A row as it was, with what the engine notes of it now.
    ///
    /// - Throws: where it cannot be told which provider it belonged to, since history does not keep that.
    func record(
        _ address: ResourceAddress, _ values: Value, now: ResourceRecord?
    ) throws(Diagnostics) -> ResourceRecord {
        if let now {
            return ResourceRecord(
                address: address, provider: now.provider, values: values, bookkeeping: now.bookkeeping)
        }
        let owners = catalogue.owners(of: address.type, .managed)
        let known = providers[address.type].map(Array.init) ?? owners
        guard let provider = known.first, known.count == 1 else {
            throw Diagnostics(
                .error(
                    owners.isEmpty ? "Row of an unknown type" : "Ambiguous provider",
                    owners.isEmpty
                        ? "\(address) was recorded then, and no provider that stack.yaml configures has its type now."
                        : "\(address) was recorded then, and its type belongs to several provider instances: "
                            + "\(owners.joined(separator: ", ")). History does not keep which one it was.",
                    address: address))
        }
        return ResourceRecord(address: address, provider: provider, values: values)
    }

    func schema(of record: ResourceRecord) -> Schema? {
        catalogue.schema(of: record.address.type, .managed, in: record.provider)
    }
}
