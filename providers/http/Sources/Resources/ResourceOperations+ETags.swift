import PlumbModel
import ProviderAPI

/// What is written is what was read: changes by ETag.
extension ResourceOperations {
    /// Runs a change that the server refuses where the resource is another than when the ETag was told.
    ///
    /// What changed may be nothing that this type knows; then the change is made by the new ETag.
    func withETag<Result>(
        of prior: ResourceState, _ verb: String, _ work: (String?) async throws(ProviderError) -> Result
    ) async throws(ProviderError) -> Result {
        var etag = etag(of: prior)
        for _ in 0..<ResourceOperations.attemptsByETag {
            do throws(ProviderError) {
                return try await work(etag)
            } catch {
                guard etag != nil, error.code == .conflict, !error.isOutcomeUnknown else { throw error }
                guard let now = try await find(type.read, connection.scope(shape, own: prior.values)) else {
                    throw ProviderError(
                        .notFound, "\(shape.name) \(keyText(prior.values)) was deleted by somebody else. Plan again.")
                }
                let differences = differences(from: prior.values, to: now.state.values)
                guard differences.isEmpty, let next = now.etag, next != etag else {
                    throw differences.isEmpty
                        ? error : conflict(prior.values, verb, differences)
                }
                etag = next
            }
        }
        throw ProviderError(
            .conflict,
            "\(shape.name) \(keyText(prior.values)) keeps being changed by somebody else. Plan again when they are done.",
            isRetryable: true)
    }

    private static let attemptsByETag = 5

    private func conflict(_ prior: Value, _ verb: String, _ differences: [String]) -> ProviderError {
        ProviderError(
            .conflict,
            "to \(verb) \(shape.name) \(keyText(prior)) was refused, since somebody else has changed it after the plan was "
                + "made: \(differences.joined(separator: ", ")). Nothing was overwritten. Plan again to see the change."
        )
    }

    /// The names of attributes that are otherwise now.
    private func differences(from old: Value, to new: Value) -> [String] {
        shape.schema.attributes.filter { attribute in
            guard !attribute.isVolatile else { return false }
            let before = old[key: attribute.name] ?? .null
            let after = new[key: attribute.name] ?? .null
            return before != after && attribute.normalisation?.areSame(before, after) != true
        }.map(\.name)
    }

    // MARK: - Notes

    /// The provider's notes on a resource: nil where there is nothing to note.
    func notes(_ etag: String?) -> String? {
        guard type.usesETags, let etag else { return nil }
        return (["etag": .string(etag)] as Value).json
    }

    /// The ETag that was noted.
    func etag(of state: ResourceState) -> String? {
        guard type.usesETags, let text = state.privateData, let notes = try? Value(json: text) else { return nil }
        return notes[key: "etag"]?.asString
    }
}
