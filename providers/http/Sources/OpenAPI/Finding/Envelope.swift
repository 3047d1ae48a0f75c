/// Tells the resource in a body from what is wrapped around it: `{"data": {…}}`, `{"zone": {…}, "meta": {…}}`.
enum Envelope {
    struct Content {
        /// The keys that lead to it.
        let path: [String]
        let shape: SchemaShape
        /// Of JSON:API, what holds the attributes: it has a type and an id besides.
        var frame: SchemaShape?
    }

    private static let wrappers: Set<String> = [
        "data", "result", "item", "payload", "response", "object", "resource", "entity", "body", "content", "value",
        "record", "attributes",
    ]
    /// What stands beside the resource and tells about the answer.
    private static let companions: Set<String> = [
        "success", "ok", "errors", "error", "messages", "message", "msg", "meta", "metadata", "links", "_links",
        "status", "code", "statuscode", "status_code", "request_id", "requestid", "jsonapi", "included", "timestamp",
        "version", "apiversion", "api_version", "action", "actions", "next_actions", "task", "took", "errcode",
        "errmsg", "traceid", "trace_id", "result_info", "warnings",
    ]
    private static let lists: [String] = [
        "items", "data", "results", "result", "value", "values", "content", "records", "list", "resources", "entries",
        "members", "member", "objects", "rows", "elements", "nodes", "hits", "hydra:member", "edges", "docs",
    ]

    /// The resource in a body of one. `word` is what its collection is called.
    static func item(_ shape: SchemaShape, word: String) -> Content {
        var path: [String] = []
        var shape = shape
        while path.count < 2, let key = wrapper(shape, word), let inner = shape[key] {
            path.append(key)
            shape = inner
        }
        return Content(path: path, shape: shape)
    }

    /// The one key of an envelope that holds what it is about.
    static func content(of shape: SchemaShape) -> String? {
        let others = shape.properties.filter { !companions.contains($0.name.lowercased()) }
        guard others.count == 1, let only = others.first?.name else { return nil }
        return wrappers.contains(only.lowercased()) || lists.contains(only.lowercased()) ? only : nil
    }

    /// What is sent: as `item`, and of JSON:API the attributes within.
    static func sent(_ shape: SchemaShape, word: String) -> Content {
        let content = item(shape, word: word)
        guard isFrame(content.shape), let attributes = content.shape["attributes"] else { return content }
        return Content(path: content.path + ["attributes"], shape: attributes, frame: content.shape)
    }

    /// `{"type": …, "id": …, "attributes": {…}}`
    static func isFrame(_ shape: SchemaShape) -> Bool {
        shape["type"] != nil && shape["attributes"].map { !$0.properties.isEmpty } ?? false
            && shape.properties.allSatisfy {
                ["type", "id", "attributes", "relationships", "links", "meta", "lid"].contains($0.name)
            }
    }

    /// A resource of JSON:API as if its attributes were its own fields; any other as it is.
    static func flat(_ shape: SchemaShape) -> SchemaShape {
        guard isFrame(shape), let attributes = shape["attributes"] else { return shape }
        var flat = shape
        let own = shape.properties.filter { $0.name == "id" && attributes[$0.name] == nil }
        flat.kind = .object(own + attributes.properties)
        return flat
    }

    private static func wrapper(_ shape: SchemaShape, _ word: String) -> String? {
        let properties = shape.properties
        guard !properties.isEmpty else { return nil }
        let objects = properties.filter { !$0.shape.properties.isEmpty }
        let others = properties.filter { !companions.contains($0.name.lowercased()) }
        let singular = Naming.singular(Naming.snake(word))
        for property in objects where !singular.isEmpty {
            let name = Naming.snake(property.name)
            let isNamed = name == singular || name.hasSuffix("_" + singular) || name == Naming.snake(word)
            // A resource that has a part of its own name has more besides.
            if isNamed, others.count == 1 || hasIdentity(property.shape) && !hasIdentity(shape) { return property.name }
        }
        guard others.count == 1, let only = others.first, !only.shape.properties.isEmpty else { return nil }
        if wrappers.contains(only.name.lowercased()) { return only.name }
        return properties.count > 1 || word.isEmpty ? nil : hasIdentity(only.shape) ? only.name : nil
    }

    private static func hasIdentity(_ shape: SchemaShape) -> Bool {
        shape.properties.contains {
            ["id", "uuid", "name", "_id", "uid", "key", "slug"].contains($0.name.lowercased())
        }
    }

    /// The list of resources in a body; nil where there is none, or where it holds no objects.
    static func items(_ shape: SchemaShape, word: String) -> Content? {
        if let element = shape.element { return element.properties.isEmpty ? nil : Content(path: [], shape: element) }
        let properties = shape.properties
        let candidates = properties.filter { $0.shape.element.map { !$0.properties.isEmpty } ?? false }
        let name = Naming.snake(word)
        let named = candidates.first { property in
            let key = Naming.snake(property.name)
            return !name.isEmpty && (key == name || key.hasSuffix("_" + name) || key == Naming.singular(name))
        }
        let known = lists.lazy.compactMap { key in candidates.first { $0.name.lowercased() == key } }.first
        let telling = candidates.filter { !companions.contains($0.name.lowercased()) }
        // A resource may have a list of its own: what has an id is no envelope.
        let only = telling.count == 1 && !hasIdentity(shape) ? telling.first : nil
        if let found = named ?? (hasIdentity(shape) ? nil : known) ?? only, let element = found.shape.element {
            return Content(path: [found.name], shape: element)
        }
        for key in ["_embedded", "embedded", "data", "result", "results", "response", "payload"] {
            guard let inner = properties.first(where: { $0.name.lowercased() == key }), !inner.shape.properties.isEmpty,
                let content = items(inner.shape, word: word)
            else { continue }
            return Content(path: [inner.name] + content.path, shape: content.shape)
        }
        return nil
    }
}
