import PlumbModel
import ProviderAPI

extension ResourceOperations {
    /// What an answer to a request by id has to have in common with what was asked for.
    var identity: [String] {
        guard let id = shape.schema["id"], !id.isSettable else { return [] }
        return ["id"]
    }

    /// Refuses an answer that speaks of another resource: whoever mixes answers up (a gateway that gives one twice, say)
    /// must not make us record, change or delete what is not ours.
    ///
    /// - Parameters:
    ///   - values: as the server told them.
    ///   - names: of attributes that must be as they are in `asked`, where they are known there.
    func requireAsked(_ values: Value, _ asked: Value, _ names: [String]) throws(ProviderError) {
        for name in names {
            let (wanted, told) = (asked[key: name] ?? .null, values[key: name] ?? .null)
            guard !wanted.isNull, wanted.isWhollyKnown,
                shape.schema[name]?.normalisation?.areSame(wanted, told) != true,
                !comparison(asked, but: name).areSame(wanted, told)
            else { continue }
            throw ProviderError(
                .unexpected,
                "the server answered about another \(shape.name): \(name) is \(told.asText ?? told.json), not "
                    + "\(wanted.asText ?? wanted.json). A gateway or proxy before it seems to mix up answers; look there"
            )
        }
    }

    private func comparison(_ asked: Value, but name: String) -> IdentityComparison {
        IdentityComparison(surroundings: type.key.compactMap { $0 == name ? nil : asked[key: $0]?.asString })
    }
}
