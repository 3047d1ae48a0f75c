import PlumbModel

/// Drafts the requests of a type: paths, queries, headers and bodies with their expressions.
struct RequestDrafter {
    let group: ResourceGroup
    let attributes: AttributeDrafter
    /// The names of variables by the name of a required parameter.
    let variables: [String: String]

    /// The path of an operation with expressions in it.
    ///
    /// - Parameter identity: the expression for the last parameter, where it is not the attribute as it will be.
    func path(_ operation: OpenAPIOperation, identity: String? = nil) -> String {
        let names = positions(operation)
        let segments = operation.path.segments.map { segment in
            switch segment {
            case .literal(let text): text.withoutExpressions
            case .parameter(let name): expression(names[name] ?? name, identity)
            case .mixed(let text):
                PathTemplate.pieces(of: text).map { piece in
                    piece.parameter.map { expression(names[$0] ?? $0, identity) } ?? piece.text
                }.joined()
            }
        }
        return "/" + segments.joined(separator: "/") + (operation.path.hasTrailingSlash ? "/" : "")
    }

    /// Operations may call one and the same parameter by different names: their places tell.
    private func positions(_ operation: OpenAPIOperation) -> [String: String] {
        let own = operation.path.parameters
        let item = group.item.parameters
        guard own.count == item.count || operation.path.skeleton == group.item.parent?.skeleton else { return [:] }
        return Dictionary(zip(own, item), uniquingKeysWith: { first, _ in first })
    }

    private func expression(_ parameter: String, _ identity: String?) -> String {
        if parameter == group.idParameter, let identity { return "${\(identity)}" }
        return "${\(attributes.parameters[parameter] ?? "self.\(Naming.attribute(parameter))")}"
    }

    // MARK: - Beside the body

    /// `query` and `headers`, with what is required.
    func settings(_ operation: OpenAPIOperation) -> [YAMLDraft.Entry] {
        let query = required(operation, .query)
        let headers = required(operation, .header)
        return (query.isEmpty ? [] : [.init("query", .map(query))])
            + (headers.isEmpty ? [] : [.init("headers", .map(headers))])
    }

    private func required(_ operation: OpenAPIOperation, _ place: OpenAPIOperation.Place) -> [YAMLDraft.Entry] {
        operation.parameters(in: place).compactMap { parameter in
            let name = Naming.attribute(parameter.name)
            if place == .query, attributes.isQueried(parameter.name, of: operation) {
                return .init(parameter.name, .text("${self.\(name)}"))
            }
            guard parameter.isRequired, !RequestDrafter.isOwnHeader(parameter.name) else { return nil }
            if let only = RequestDrafter.constant(parameter) { return .init(parameter.name, .text(only)) }
            return variables[parameter.name].map { .init(parameter.name, .text("${var.\($0)}")) }
        }
    }

    /// The one value that a required parameter can have.
    static func constant(_ parameter: OpenAPIOperation.Parameter) -> String? {
        parameter.shape.choices.count == 1 ? parameter.shape.choices[0].asText?.withoutExpressions : nil
    }

    /// Headers that the provider sends by itself.
    static func isOwnHeader(_ name: String) -> Bool {
        [
            "accept", "content-type", "authorization", "if-match", "if-none-match", "idempotency-key",
            "x-idempotency-key", "user-agent", "content-length", "host",
        ].contains(name.lowercased())
    }

    // MARK: - The body

    /// What an operation sends, wrapped as it wants it; nil for nothing.
    ///
    /// - Parameter isIncluded: by the name of the field.
    func body(_ operation: OpenAPIOperation, where isIncluded: (String) -> Bool) -> YAMLDraft? {
        guard let body = operation.body else { return nil }
        let content = Envelope.item(body.shape, word: group.word)
        let described = content.shape.properties.isEmpty ? attributes.resource : content.shape
        var entries: [YAMLDraft.Entry] = []
        for property in described.properties where isIncluded(property.name) {
            let name = Naming.attribute(property.name)
            if let constant = attributes.constants[property.name] {
                if let draft = TypeWords.draft(of: constant) { entries.append(.init(property.name, draft)) }
            } else if attributes.isSent(property.name) {
                entries.append(.init(property.name, .text("${self.\(name)}")))
            }
        }
        var draft = YAMLDraft.map(entries)
        for key in content.path.reversed() { draft = .map([.init(key, draft)]) }
        return entries.isEmpty ? nil : draft
    }
}
