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
        return "/" + segments.joined(separator: "/") + operation.path.ending
            + (operation.path.hasTrailingSlash ? "/" : "")
    }

    /// Operations may call one and the same parameter by different names: their places tell.
    private func positions(_ operation: OpenAPIOperation) -> [String: String] {
        let own = operation.path.parameters
        let item = group.item.parameters
        guard !own.allSatisfy(item.contains) else { return [:] }
        let isSame = [group.item.skeleton, group.item.parent?.skeleton].contains(operation.path.skeleton)
        return isSame ? Dictionary(zip(own, item), uniquingKeysWith: { first, _ in first }) : [:]
    }

    private func expression(_ parameter: String, _ identity: String?) -> String {
        if parameter == group.idParameter, let identity { return "${\(identity)}" }
        return "${\(attributes.parameters[parameter] ?? "self.\(Naming.attribute(parameter))")}"
    }

    // MARK: - Beside the body

    /// `query` and `headers`, with what is required.
    func settings(_ operation: OpenAPIOperation) -> [YAMLDraft.Entry] {
        let query = required(operation, .query)
        var headers = required(operation, .header)
        if let type = answeredType(operation) { headers.append(.init("Accept", .text(type))) }
        if let type = mediaType(operation) { headers.append(.init("Content-Type", .text(type))) }
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

    /// Of JSON that goes by a name of its own.
    private func mediaType(_ operation: OpenAPIOperation) -> String? {
        guard let body = operation.body, body.encoding == .json else { return nil }
        let type = String(body.mediaType.prefix { $0 != ";" })
        let isPlain = ["application/json", "*/*", "text/json"].contains(type.lowercased()) || type.contains("*")
        return isPlain || type.contains("json-patch") ? nil : type
    }

    /// Of answers whose version is told by their media type, which have to be asked for.
    private func answeredType(_ operation: OpenAPIOperation) -> String? {
        guard let type = operation.answers.lazy.compactMap(\.mediaType).first?.prefix(while: { $0 != ";" }) else {
            return nil
        }
        let isVersioned = type.hasPrefix("application/vnd.") && type.contains { $0.isNumber }
        return isVersioned && MediaTypes.encoding(String(type)) == .json ? String(type) : nil
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
        let content = Envelope.sent(body.shape, word: group.word)
        let described = content.shape.properties.isEmpty ? attributes.resource : content.shape
        var entries: [YAMLDraft.Entry] = []
        for property in described.properties where isIncluded(property.name) {
            let name = Naming.attribute(property.name)
            if let constant = attributes.constants[property.name] {
                if let draft = TypeWords.draft(of: constant) { entries.append(.init(property.name, draft)) }
            } else if attributes.isSent(property.name, by: operation) {
                entries.append(.init(property.name, .text("${self.\(name)}")))
            }
        }
        guard !entries.isEmpty else { return nil }
        var draft = YAMLDraft.map(entries)
        var isInnermost = true
        for key in content.path.reversed() {
            draft = .map((isInnermost ? frame(content.frame, operation) : []) + [.init(key, draft)])
            isInnermost = false
        }
        return draft
    }

    /// What JSON:API wants beside the attributes: the type, and in updates the id.
    private func frame(_ shape: SchemaShape?, _ operation: OpenAPIOperation) -> [YAMLDraft.Entry] {
        guard let shape else { return [] }
        var entries: [YAMLDraft.Entry] = []
        if let type = shape["type"]?.choices.first.flatMap(TypeWords.draft) { entries.append(.init("type", type)) }
        if let identity = attributes.identity, shape["id"] != nil, operation.phrase != group.create.phrase {
            entries.append(.init("id", .text("${self.\(identity)}")))
        }
        return entries
    }
}
