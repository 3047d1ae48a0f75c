import PlumbModel

/// Reads OpenAPI 3.0, 3.1 and Swagger 2 documents into one form.
struct OpenAPIReader {
    private static let methods = ["get", "put", "post", "delete", "patch"]

    private let documents: DocumentSet
    private let schemas: ShapeReader
    private let examples: ExampleReader
    private let isSwagger: Bool
    private var root: DocumentNode { documents.root }

    /// - Throws: if the document is none of these.
    static func read(_ documents: DocumentSet, _ schemas: ShapeReader) throws(Diagnostics) -> OpenAPIDocument {
        let root = documents.root
        let version = root["openapi"]?.scalar?.asText ?? root["swagger"]?.scalar?.asText
        guard let version else {
            throw Diagnostics(
                .error(
                    "Not an OpenAPI document",
                    "\"\(root.range.file.path)\" has neither \"openapi:\" nor \"swagger:\" at its top. It must be an OpenAPI "
                        + "document of version 3.0, 3.1 or 3.2, or Swagger 2.0."))
        }
        guard version.hasPrefix("3.") || version == "2" || version.hasPrefix("2.") else {
            throw Diagnostics(
                .error(
                    "Unknown version of OpenAPI",
                    "The document is of version \"\(version)\"; 3.0 to 3.2 and Swagger 2.0 are read. Convert it, or ask "
                        + "its author for a newer one.", at: (root["openapi"] ?? root["swagger"])?.range))
        }
        return try OpenAPIReader(documents, schemas, isSwagger: version.hasPrefix("2")).document()
    }

    private init(_ documents: DocumentSet, _ schemas: ShapeReader, isSwagger: Bool) {
        self.documents = documents
        self.schemas = schemas
        examples = ExampleReader(documents)
        self.isSwagger = isSwagger
    }

    private func document() throws(Diagnostics) -> OpenAPIDocument {
        guard let paths = root["paths"]?.entries, !paths.isEmpty else {
            throw Diagnostics(
                .error(
                    "No paths in the document",
                    "\"\(root.range.file.path)\" has no \"paths:\", so that it says nothing of any request. If it is a part "
                        + "of a document in several files, name the file that has them.", at: root["paths"]?.range))
        }
        var operations: [OpenAPIOperation] = []
        var uses: [String: Int] = [:]
        var refusals: [String: SchemaShape] = [:]
        for path in paths {
            guard let item = documents.resolved(path.value) else { continue }
            let template = PathTemplate(path.key)
            let shared = item["parameters"]?.elements ?? []
            for method in OpenAPIReader.methods {
                guard let node = item[method].flatMap({ documents.resolved($0) }) else { continue }
                operations.append(operation(method, template, node, shared))
                for requirement in (node["security"] ?? root["security"])?.elements.prefix(8) ?? [] {
                    for entry in requirement.entries { uses[entry.key, default: 0] += 1 }
                }
                collectRefusals(of: node, &refusals)
                try schemas.allowance.check()
            }
        }
        let info = root["info"]
        return OpenAPIDocument(
            title: info?["title"]?.text ?? "", summary: info?["description"]?.text ?? "",
            documentation: root["externalDocs"]?["url"]?.text, baseURL: baseURL(), operations: operations,
            security: SecurityReader(documents).schemes(uses: uses),
            refusals: refusals.sorted { $0.key < $1.key }.map(\.value))
    }

    // MARK: - Where

    private func baseURL() -> String? {
        if isSwagger {
            let path = root["basePath"]?.text ?? ""
            guard let host = root["host"]?.text, !host.isEmpty else { return path.isEmpty || path == "/" ? nil : path }
            let schemes = (root["schemes"]?.elements ?? []).compactMap(\.text)
            let scheme = schemes.contains("https") || schemes.isEmpty ? "https" : schemes.first ?? "https"
            return trimmed("\(scheme)://\(host)\(path)")
        }
        guard let server = root["servers"]?.elements.first, var url = server["url"]?.text else { return nil }
        for variable in server["variables"]?.entries ?? [] {
            guard let value = variable.value["default"]?.scalar?.asText else { continue }
            url = url.replacing("{\(variable.key)}", with: value)
        }
        if url.hasPrefix("//") { url = "https:" + url }
        return url.isEmpty || url == "/" || url == "." ? nil : trimmed(url)
    }

    private func trimmed(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    // MARK: - Operations

    private func operation(
        _ method: String, _ path: PathTemplate, _ node: DocumentNode, _ shared: [DocumentNode]
    ) -> OpenAPIOperation {
        var parameters: [DocumentNode] = []
        var known = Set<String>()
        schemas.allowance.spend(shared.count + (node["parameters"]?.elements.count ?? 0), at: node)
        // An operation's own parameter goes before one of the path.
        for parameter in (node["parameters"]?.elements ?? []) + shared {
            guard let parameter = documents.resolved(parameter) else { continue }
            guard known.insert("\(parameter["in"]?.text ?? "") \(parameter["name"]?.text ?? "")").inserted else {
                continue
            }
            parameters.append(parameter)
        }
        return OpenAPIOperation(
            method: method, path: path, id: node["operationId"]?.text ?? "",
            summary: node["summary"]?.text ?? node["description"]?.text ?? "",
            isDeprecated: node["deprecated"]?.isTrue == true,
            parameters: parameters.flatMap(self.parameters),
            body: isSwagger ? swaggerBody(node, parameters) : body(node), answers: answers(node))
    }

    /// One, or those that an object in the query is told by: `?page=0&size=20` for `pageable`.
    private func parameters(_ node: DocumentNode) -> [OpenAPIOperation.Parameter] {
        guard let whole = parameter(node) else { return [] }
        let fields = node["schema"].flatMap { documents.resolved($0) }?["properties"]?.entries ?? []
        guard whole.place == .query, !fields.isEmpty, node["explode"]?.scalar?.asBool != false else { return [whole] }
        let isDeep = node["style"]?.text == "deepObject"
        return fields.compactMap { field in
            guard let schema = documents.resolved(field.value) else { return nil }
            return OpenAPIOperation.Parameter(
                name: isDeep ? "\(whole.name)[\(field.key)]" : field.key, place: .query,
                isRequired: whole.isRequired && whole.shape.isRequired(field.key),
                shape: schemas.shape(of: field.value),
                summary: schema["description"]?.text ?? "", identity: nil, maximum: schema["maximum"]?.scalar?.asInt,
                minimum: schema["minimum"]?.scalar?.asInt)
        }
    }

    private func parameter(_ node: DocumentNode) -> OpenAPIOperation.Parameter? {
        guard let name = node["name"]?.text, let place = OpenAPIOperation.Place(rawValue: node["in"]?.text ?? "") else {
            return nil
        }
        let schema = node["schema"] ?? node["content"]?.entries.first?.value["schema"] ?? node
        return OpenAPIOperation.Parameter(
            name: name, place: place, isRequired: node["required"]?.isTrue == true || place == .path,
            shape: schemas.shape(of: schema), summary: node["description"]?.text ?? "",
            identity: node["x-speakeasy-match"]?.text, maximum: schema["maximum"]?.scalar?.asInt,
            minimum: schema["minimum"]?.scalar?.asInt)
    }

    private func body(_ node: DocumentNode) -> OpenAPIOperation.Body? {
        guard let request = node["requestBody"].flatMap({ documents.resolved($0) }) else { return nil }
        guard let content = MediaTypes.preferred(request["content"]?.entries ?? []) else { return nil }
        return OpenAPIOperation.Body(
            encoding: MediaTypes.encoding(content.key), mediaType: content.key,
            isRequired: request["required"]?.isTrue == true, shape: shape(of: content.value))
    }

    private func swaggerBody(_ node: DocumentNode, _ parameters: [DocumentNode]) -> OpenAPIOperation.Body? {
        let consumed = (node["consumes"] ?? root["consumes"])?.elements.compactMap(\.text) ?? []
        if let body = parameters.first(where: { $0["in"]?.text == "body" }) {
            let types = consumed.filter { MediaTypes.encoding($0) == .json }
            let type = types.first { !$0.contains("json-patch") } ?? types.first ?? consumed.first ?? "application/json"
            return OpenAPIOperation.Body(
                encoding: MediaTypes.encoding(type), mediaType: type, isRequired: body["required"]?.isTrue == true,
                shape: examples.shape(schemas.shape(of: body["schema"]), body["schema"], nil))
        }
        let fields = parameters.filter { $0["in"]?.text == "formData" }
        guard !fields.isEmpty else { return nil }
        let properties = fields.map { field in
            SchemaShape.Property(
                name: field["name"]?.text ?? "", shape: schemas.shape(of: field, depth: 1),
                isRequired: field["required"]?.isTrue == true)
        }
        let type = consumed.first { MediaTypes.encoding($0) == .form } ?? "application/x-www-form-urlencoded"
        let isFile = fields.contains { $0["type"]?.text == "file" }
        return OpenAPIOperation.Body(
            encoding: isFile ? .other : .form, mediaType: isFile ? "multipart/form-data" : type, isRequired: true,
            shape: SchemaShape(kind: .object(properties)))
    }

    private func answers(_ node: DocumentNode) -> [OpenAPIOperation.Answer] {
        let entries = (node["responses"]?.entries ?? []).filter { $0.key.hasPrefix("2") }
        let known = entries.sorted { $0.key < $1.key }.compactMap { answer($0.key, $0.value) }
        guard known.isEmpty, let other = node["responses"]?["default"] else { return known }
        // Where no success is described, the default is what comes.
        return [answer("", other)].compactMap { $0 }
    }

    private func answer(_ status: String, _ node: DocumentNode) -> OpenAPIOperation.Answer? {
        guard let node = documents.resolved(node) else { return nil }
        let content = MediaTypes.preferred(node["content"]?.entries ?? [])
        let schema = isSwagger ? node["schema"] : content?.value["schema"]
        let isEmpty = isSwagger ? schema == nil : content == nil
        var links: [String: String] = [:]
        schemas.allowance.spend((node["links"]?.entries.count ?? 0) + (node["headers"]?.entries.count ?? 0), at: node)
        for link in node["links"]?.entries ?? [] {
            for entry in documents.resolved(link.value)?["parameters"]?.entries ?? [] {
                if let place = entry.value.text { links[entry.key] = place }
            }
        }
        let shape =
            isSwagger
            ? examples.shape(schemas.shape(of: schema), schema, node["examples"]?.entries.first?.value)
            : content.map { self.shape(of: $0.value) } ?? .any
        return OpenAPIOperation.Answer(
            status: Int(status), mediaType: content?.key, shape: isEmpty ? nil : shape,
            headers: Set((node["headers"]?.entries ?? []).map { $0.key.lowercased() }), links: links)
    }

    /// The shape of a body, by its schema, and where that says nothing, by an example.
    private func shape(of content: DocumentNode) -> SchemaShape {
        let named = content["examples"]?.entries.first.flatMap { documents.resolved($0.value) }
        return examples.shape(
            schemas.shape(of: content["schema"]), content["schema"], content["example"] ?? named?["value"])
    }

    private func collectRefusals(of node: DocumentNode, _ refusals: inout [String: SchemaShape]) {
        for entry in node["responses"]?.entries ?? [] where "45d".contains(entry.key.prefix(1)) {
            guard let answer = documents.resolved(entry.value) else { continue }
            let schema =
                isSwagger ? answer["schema"] : MediaTypes.preferred(answer["content"]?.entries ?? [])?.value["schema"]
            guard let schema, refusals.count < 200 else { continue }
            let shape = schemas.shape(of: schema)
            refusals[shape.name ?? "\(schema.range.file.path) \(schema.range.start)"] = shape
        }
    }
}

/// Which of several media types is used.
enum MediaTypes {
    static func preferred(_ entries: [DocumentNode.Entry]) -> DocumentNode.Entry? {
        entries.first { encoding($0.key) == .json && !$0.key.contains("json-patch") }
            ?? entries.first { encoding($0.key) == .json } ?? entries.first { encoding($0.key) == .form }
            ?? entries.first
    }

    static func encoding(_ type: String) -> OpenAPIOperation.Body.Encoding {
        let essence = type.prefix { $0 != ";" }.lowercased()
        if essence.hasSuffix("json") || essence == "*/*" { return .json }
        return essence == "application/x-www-form-urlencoded" ? .form : .other
    }
}
