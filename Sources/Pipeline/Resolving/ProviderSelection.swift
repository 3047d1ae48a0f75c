internal import PlumbModel
internal import ProviderAPI

/// Which provider instances the resources of the stack or of a module use, and under which names they know them.
struct ProviderSelection {
    let catalogue: ProviderCatalogue
    /// The names given by the call of a module: full names of instances.
    private let given: [String: String]

    init(_ catalogue: ProviderCatalogue) {
        self.init(catalogue, given: [:])
    }

    private init(_ catalogue: ProviderCatalogue, given: [String: String]) {
        self.catalogue = catalogue
        self.given = given
    }

    /// The instances that have a type. Where a call names instances of a provider, no others of it are considered.
    func owners(of type: String, _ mode: ResourceAddress.Mode) -> [String] {
        let chosen = Set(given.values).filter { catalogue.schema(of: type, mode, in: $0) != nil }
        return chosen.isEmpty ? catalogue.owners(of: type, mode) : chosen.sorted()
    }

    /// The instance that `provider: NAME` means among those that have a type.
    func owner(named name: String, among owners: [String]) -> String? {
        if let chosen = given[name], owners.contains(chosen) { return chosen }
        return owners.first { $0 == name || $0.hasSuffix(".\(name)") }
    }

    /// With what the `providers:` of a module's call says: names in the module, and instances as they are known here.
    func selecting(_ node: SpecificationNode?) throws(Diagnostics) -> ProviderSelection {
        guard let node, node.scalar?.value.isNull != true else { return self }
        guard let entries = node.mapping else {
            throw Diagnostics(
                .error(
                    "Wrong type",
                    "`providers` of a module maps names in the module to provider instances, such as `{http: http.dns}`; "
                        + "here stands \(node.phrase).", at: node.range))
        }
        var diagnostics = Diagnostics()
        var given = given
        let names = catalogue.entries.map(\.name)
        for entry in entries {
            let text = entry.value.scalar?.value.asString ?? ""
            let found = self.given[text] ?? names.first { $0 == text } ?? names.first { $0.hasSuffix(".\(text)") }
            guard let found, !text.isEmpty else {
                diagnostics.append(
                    .error(
                        "Unknown provider",
                        "No provider instance is named \"\(text)\".\(Suggestion.didYouMean(text, among: names)) There are: "
                            + "\(names.joined(separator: ", ")).", at: entry.value.range))
                continue
            }
            given[entry.key] = found
        }
        try diagnostics.throwIfErrors()
        return ProviderSelection(catalogue, given: given)
    }
}
