public import PlumbModel

extension ProviderCatalogue {
    /// What a data resource gives now, secrets marked.
    ///
    /// - Parameters:
    ///   - address: of the instance, for the diagnostic.
    ///   - declared: an object of all attributes, wholly known.
    public func read(
        _ resource: ResolvedResource, at address: ResourceAddress, of provider: String, declared: Value
    ) async throws(Diagnostics) -> Value {
        guard let type = dataType(address.type, of: provider) else {
            throw Diagnostics(
                .error(
                    "Provider not configured",
                    "\(address) belongs to the provider instance \"\(resource.provider)\", which is not configured or has "
                        + "no data type \(address.type).", address: address, at: resource.range))
        }
        do throws(ProviderError) {
            return type.schema.marked(try await type.read(declared.forProvider), like: declared)
        } catch {
            throw Diagnostics(
                .error(
                    "Cannot read data", "\(address) could not be read: \(error.message)", address: address,
                    at: resource.range))
        }
    }
}
