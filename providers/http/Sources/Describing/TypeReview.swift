import PlumbModel

/// Finds what a type's description can be read for, but hardly means.
struct TypeReview {
    private let type: TypeDescription
    private let range: SourceRange

    init(_ type: TypeDescription, at range: SourceRange) {
        self.type = type
        self.range = range
    }

    func warnings() -> [Diagnostic] {
        unsent(type.create, "create") { $0.isSettable && !$0.isComputed } + unsentUpdates() + unreachable()
    }

    /// Attributes that a spec may give and no request sends.
    private func unsent(
        _ operation: ChangeOperation, _ name: String, _ isMeant: (AttributeSchema) -> Bool
    ) -> [Diagnostic] {
        var sent = OwnNames()
        for step in operation.steps {
            sent.add(step.request)
            for name in step.request.attributes ?? [] { sent.insert(name) }
        }
        guard !sent.isWhole else { return [] }
        let forgotten = type.schema.attributes.filter { isMeant($0) && !sent.names.contains($0.name) }.map(\.name)
        guard !forgotten.isEmpty else { return [] }
        let list = forgotten.map { "\"\($0)\"" }.joined(separator: ", ")
        let advice =
            name == "create"
            ? "send \(forgotten.count == 1 ? "it" : "them"), or make \(forgotten.count == 1 ? "it" : "them") computed"
            : "send \(forgotten.count == 1 ? "it" : "them"), or write forces_replacement: true"
        return [
            .warning(
                "Attribute that is not sent", "No request of \(name) of \(type.name) sends \(list): \(advice).",
                at: range)
        ]
    }

    private func unsentUpdates() -> [Diagnostic] {
        guard let update = type.update else { return [] }
        let replaced = Set(type.replacements.filter { $0.condition == nil }.map(\.pattern.attribute))
        return unsent(update, "update") {
            $0.isSettable && !$0.isComputed && !$0.forcesReplacement && !replaced.contains($0.name)
        }
    }

    private func unreachable() -> [Diagnostic] {
        guard type.lookup == nil else { return [] }
        let needs = type.readNeeds.map { "\"\($0)\"" }.joined(separator: ", ")
        return [
            .warning(
                "Type that cannot be looked up",
                "Reading a \(type.name) needs \(needs), which its key does not tell, and there is neither \"lookup\" nor a "
                    + "\"list\": a creation that was interrupted must then be looked at by a person.", at: range)
        ]
    }
}
