import Expressions
import PlumbModel
import ProviderAPI

/// Ids for people, importing by them, and settling what was interrupted.
extension ResourceOperations {
    /// What stands for the one resource of a type that has only one.
    private static let onlyOne = "-"

    /// The values of the import key, joined with "/"; a slash within one is written %2F.
    func importID(of values: Value) -> String { ResourceOperations.joined(type.importKey, of: values) }

    /// The values of the key, for sentences.
    func keyText(_ values: Value) -> String { ResourceOperations.joined(type.key, of: values) }

    static func joined(_ names: [String], of values: Value) -> String {
        if names.isEmpty { return onlyOne }
        return names.map { name in
            let text = values[key: name]?.asText ?? ""
            return text.replacing("%", with: "%25").replacing("/", with: "%2F")
        }.joined(separator: "/")
    }

    func importResource(_ id: String) async throws(ProviderError) -> ResourceState? {
        let scope = connection.scope(shape, own: .object(try importedValues(id)))
        let canRead = type.readNeeds.allSatisfy(type.importKey.contains)
        guard let operation = canRead ? type.read : type.lookup else {
            let needs = type.readNeeds.joined(separator: ", ")
            throw ProviderError(
                .invalid, "\(shape.name) cannot be imported: its API file does not say how to find it without \(needs)."
            )
        }
        guard let found = try await find(operation, scope)?.state else { return nil }
        try requireAsked(found.values, scope.own, type.importKey)
        return found
    }

    private func importedValues(_ id: String) throws(ProviderError) -> ValueMap {
        let names = type.importKey
        var values = ValueMap(shape.schema.attributes.map { ($0.name, .null) })
        if names.isEmpty {
            guard id == ResourceOperations.onlyOne else {
                throw ProviderError(
                    .invalid, "there is only one \(shape.name): its id is \"\(ResourceOperations.onlyOne)\"")
            }
            return values
        }
        var parts = id.split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("%2F", with: "/").replacing("%2f", with: "/").replacing("%25", with: "%")
        }
        // With one attribute there is nothing to tell apart.
        if names.count == 1 { parts = [parts.joined(separator: "/")] }
        guard parts.count == names.count, !parts.contains("") else {
            let form = names.map { "<\($0)>" }.joined(separator: "/")
            throw ProviderError(
                .invalid, "\"\(id)\" is no id of \(shape.name): it has the form \(form) (a slash within is written %2F)"
            )
        }
        for (name, text) in zip(names, parts) {
            do {
                values[name] = try Value.string(text).converted(to: shape.schema[name]?.type ?? .string)
            } catch {
                throw ProviderError(.invalid, "\"\(text)\" is no \(name) of \(shape.name): \(error.message)")
            }
        }
        return values
    }

    // MARK: - Recovering

    /// Looks whether what an intent was about has happened.
    func recover(_ intent: Intent) async throws(ProviderError) -> Recovery {
        switch intent.action {
        case .create: return try await recoverCreation(intent.planned ?? .null, intent.id)
        case .update:
            return try await recoverUpdate(from: intent.prior ?? .null, to: intent.planned ?? .null)
        case .delete:
            let prior = ResourceState(intent.prior ?? .null)
            return try await read(prior).map { .found($0) } ?? .absent
        }
    }

    /// The recorded values know the id. Half an update is found as what it has made.
    private func recoverUpdate(from prior: Value, to planned: Value) async throws(ProviderError) -> Recovery {
        var scope = connection.scope(shape, own: prior)
        var live = try await findLive(type.read, scope)
        if live == nil, let renamed = renamed(prior, planned) {
            scope = connection.scope(shape, own: renamed)
            live = try await findLive(type.read, scope)
        }
        guard let found = live else { return .absent }
        scope.live = found.value
        let before = try assemble(scope)
        try requireAsked(before, scope.own, identity)
        // Where all that the server tells is as it was, nothing shows that it got what it does not tell, such as a
        // password: then it is sent again.
        guard before != prior, !planned.isNull else {
            return .found(ResourceState(before, privateData: notes(found.etag)))
        }
        var after = connection.scope(shape, own: planned)
        after.live = found.value
        return .found(ResourceState(try assemble(after), privateData: notes(found.etag)))
    }

    /// What it would be read by if it has its new name already; nil if it is read by what does not change.
    private func renamed(_ prior: Value, _ planned: Value) -> Value? {
        guard var values = prior.asMap else { return nil }
        for name in type.readNeeds {
            if let new = planned[key: name], !new.isNull, new.isWhollyKnown { values[name] = new }
        }
        let renamed = Value.object(values)
        return renamed == prior ? nil : renamed
    }

    private func recoverCreation(_ planned: Value, _ intent: String) async throws(ProviderError) -> Recovery {
        guard let lookup = type.lookup else {
            return .unclear(
                "its API file does not say how to look up a \(shape.name) that was interrupted while it was created "
                    + "(\(keyText(planned))). See whether it exists: then import it by its \(type.importKey.joined(separator: ", ")), "
                    + "or delete it.")
        }
        var differences: [String] = []
        var id = ""
        // A server that lost its client may still be at it, with nothing or half of the resource made: only what stays
        // so when looked at again is believed.
        for pause in [Duration.zero, .milliseconds(500), .seconds(1)] {
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw ProviderError(.cancelled, "cancelled while \(shape.name) \(keyText(planned)) was looked up")
            }
            let scope = connection.scope(shape, own: planned, intent: intent)
            guard let found = try await find(lookup, scope) else {
                if pause == .zero { continue }
                return .absent
            }
            differences = self.differences(between: planned, and: found.state.values)
            if differences.isEmpty { return .found(found.state) }
            // The first request was all that was sent. An update does what is left.
            if pause == .seconds(1), differences.allSatisfy(type.isLeftToLaterSteps) { return .found(found.state) }
            id = importID(of: found.state.values)
        }
        return .unclear(
            "\(shape.name) \(keyText(planned)) exists, but differs from what was to be created in: "
                + "\(differences.joined(separator: ", ")). Somebody else may have made it: import it by the id "
                + "\"\(id)\", or delete it.")
    }

    /// The attributes that were to be created otherwise than they are.
    private func differences(between planned: Value, and found: Value) -> [String] {
        let different = shape.schema.attributes.filter { attribute in
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

extension TypeDescription {
    /// Whether an attribute is sent only after a creation's first change, and can be sent by an update as well.
    fileprivate func isLeftToLaterSteps(_ attribute: String) -> Bool {
        let changes = create.steps.filter { !["GET", "HEAD"].contains($0.request.method) }
        guard update != nil, schema[attribute]?.forcesReplacement == false, let first = changes.first else {
            return false
        }
        var sentFirst = OwnNames()
        sentFirst.add(first.request)
        var sentLater = OwnNames()
        for step in changes.dropFirst() { sentLater.add(step.request) }
        return !sentFirst.isWhole && !sentFirst.names.contains(attribute) && sentLater.names.contains(attribute)
    }
}
