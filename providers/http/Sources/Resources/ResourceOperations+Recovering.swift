import Expressions
import PlumbModel
import ProviderAPI

extension ResourceOperations {
    private static let separator = "/"

    /// The values of the key, joined with "/"; a slash within one is written %2F.
    func id(_ values: Value) -> String {
        type.key.map { name in
            let text = values[key: name]?.asText ?? ""
            return text.replacing("%", with: "%25").replacing("/", with: "%2F")
        }.joined(separator: ResourceOperations.separator)
    }

    func importResource(_ id: String) async throws(ProviderError) -> Value? {
        var parts = id.split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("%2F", with: "/").replacing("%2f", with: "/").replacing("%25", with: "%")
        }
        // With one attribute there is nothing to tell apart.
        if type.key.count == 1 { parts = [parts.joined(separator: "/")] }
        guard parts.count == type.key.count, !parts.contains("") else {
            let form = type.key.map { "<\($0)>" }.joined(separator: "/")
            throw ProviderError(
                .invalid, "\"\(id)\" is no id of \(type.name): it has the form \(form) (a slash within is written %2F)")
        }
        var values = ValueMap(type.schema.attributes.map { ($0.name, .null) })
        for (name, text) in zip(type.key, parts) {
            do {
                values[name] = try Value.string(text).converted(to: type.schema[name]?.type ?? .string)
            } catch {
                throw ProviderError(.invalid, "\"\(text)\" is no \(name) of \(type.name): \(error.message)")
            }
        }
        let found = try await find(type.lookup, connection.scope(type, own: .object(values)))
        if let found { try requireAsked(found, .object(values), type.key) }
        return found
    }

    /// Looks whether what an intent was about has happened.
    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        switch intent.action {
        case .create: return try await recoverCreation(intent.planned ?? .null)
        case .update:
            // The recorded values know the id. Half an update is found as what it has made.
            let scope = connection.scope(type, own: intent.prior ?? .null)
            guard let live = try await findLive(type.read, scope) else { return .absent }
            var planned = connection.scope(type, own: intent.planned ?? intent.prior ?? .null)
            planned.live = live
            let found = try assemble(planned)
            try requireAsked(found, intent.prior ?? .null, identity)
            return .found(ResourceState(found))
        case .delete:
            return try await read(intent.prior ?? .null).map { .found(ResourceState($0)) } ?? .absent
        }
    }

    private func recoverCreation(_ planned: Value) async throws(ProviderError) -> Recovery {
        var differences: [String] = []
        // A server that lost its client may still be at it, with nothing or half of the resource made: only what stays
        // so when looked at again is believed.
        for pause in [Duration.zero, .milliseconds(500), .seconds(1)] {
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw ProviderError(.cancelled, "cancelled while \(type.name) \(id(planned)) was looked up")
            }
            guard let found = try await find(type.lookup, connection.scope(type, own: planned)) else {
                if pause == .zero { continue }
                return .absent
            }
            differences = self.differences(between: planned, and: found)
            if differences.isEmpty { return .found(ResourceState(found)) }
        }
        return .unclear(
            "\(type.name) \(id(planned)) exists, but differs from what was to be created in: "
                + "\(differences.joined(separator: ", ")). Somebody else may have made it: import it by the id "
                + "\"\(id(planned))\", or delete it.")
    }

    /// The attributes that were to be created otherwise than they are.
    private func differences(between planned: Value, and found: Value) -> [String] {
        let different = type.schema.attributes.filter { attribute in
            let wanted = planned[key: attribute.name] ?? .null
            guard attribute.isSettable, wanted.isWhollyKnown, !(attribute.isComputed && wanted.isNull) else {
                return false
            }
            // What is there stands in the spec's writing where both mean the same.
            return (try? wanted.converted(to: attribute.type)) != found[key: attribute.name] ?? .null
        }
        return different.map(\.name)
    }
}
