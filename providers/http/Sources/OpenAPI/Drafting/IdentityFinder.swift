/// Finds which field of a resource the id in its path is.
struct IdentityFinder {
    enum Identity: Equatable {
        /// A field of the resource, and whether it was guessed from its name.
        case field(String, isGuess: Bool)
        /// A field in a part of it: `metadata.name`.
        case nested([String])
        /// The last segment of the header `Location`.
        case location
        /// The spec gives it in the path, and the answer does not tell it.
        case path
    }

    let group: ResourceGroup
    let resource: SchemaShape
    let word: String

    /// Nil where nothing tells it.
    func find() -> Identity? {
        guard let parameter = group.idParameter else { return nil }
        if let field = declared(parameter) { return .field(field, isGuess: false) }
        if let field = named(parameter) { return .field(field, isGuess: false) }
        if let metadata = resource["metadata"]?.properties, metadata.contains(where: { $0.name == parameter }) {
            return .nested(["metadata", parameter])
        }
        if group.creation != .post { return .path }
        if isUntold(parameter) { return .location }
        if let field = probable(parameter) { return .field(field, isGuess: true) }
        if group.create.answers.contains(where: { $0.headers.contains("location") }) || group.create.answersWithoutBody
        {
            return .location
        }
        return nil
    }

    /// By an extension or a link of the document's.
    private func declared(_ parameter: String) -> String? {
        let own = group.item.parameters.isEmpty ? [] : group.operations.flatMap { $0.parameters(in: .path) }
        if let match = own.first(where: { $0.name == parameter })?.identity, resource[match] != nil { return match }
        for answer in group.create.answers {
            guard let place = answer.links[parameter], place.hasPrefix("$response.body#/") else { continue }
            let field = String(place.dropFirst("$response.body#/".count).split(separator: "/").last ?? "")
            if resource[field] != nil { return field }
        }
        return resource.properties.first { $0.shape.isIdentity }?.name
    }

    /// The field of the parameter's name, or of what is left of it behind the resource's own: `petId`, `id`.
    private func named(_ parameter: String) -> String? {
        if resource[parameter]?.mayBeText == true { return parameter }
        let folded = Naming.folded(parameter)
        let scalars = resource.properties.filter { $0.shape.mayBeText }
        if let same = scalars.first(where: { Naming.folded($0.name) == folded }) { return same.name }
        let singular = Naming.singular(Naming.snake(word)).filter { $0 != "_" }
        let name = Naming.snake(parameter)
        for end in ["uuid", "guid", "id", "name", "slug", "key", "code", "number"] where name.hasSuffix("_" + end) {
            // `user_id` in the path of users is `id` in the answer; `name` may be told from `id` alone there.
            if let field = scalars.first(where: { Naming.snake($0.name) == end }) { return field.name }
        }
        let ends = [singular + folded, folded.hasPrefix(singular) ? String(folded.dropFirst(singular.count)) : ""]
        return scalars.first { !$0.name.isEmpty && ends.contains(Naming.folded($0.name)) }?.name
    }

    /// Whether a path wants an id that no answer is said to have, because none is described: a name is another thing.
    private func isUntold(_ parameter: String) -> Bool {
        let isID = Naming.snake(parameter).split(separator: "_").last.map { ["id", "uuid"].contains($0) } ?? false
        return isID && group.create.isUndocumented
            && !resource.properties.contains { AttributeTraits.isIdentifier($0.name) || $0.name == "_id" }
    }

    private func probable(_ parameter: String) -> String? {
        let scalars = resource.properties.filter { $0.shape.mayBeText }
        let folded = Naming.folded(parameter)
        let described = group.operations.flatMap { $0.parameters(in: .path) }.first { $0.name == parameter }?.shape
        // `{customer}` is an id where ids are texts, and `{repo}` a name where they are numbers.
        let isAlike = described.flatMap { shape in resource["id"].map { $0.kind.isAlike(shape.kind) } } ?? false
        let isIdentifier = folded.hasSuffix("id") || folded.hasSuffix("identifier") || isAlike
        // A slug is made to stand in paths, and an id that is written otherwise than the parameter is another one.
        if !folded.hasSuffix("id"), resource["id"]?.format != described?.format,
            let slug = scalars.first(where: { $0.name.lowercased() == "slug" })
        {
            return slug.name
        }
        let byID = ["id", "uuid", "_id", "uid", "guid", "identifier"]
        let byName = ["name", "slug", "key", "login", "username", "code"]
        for candidate in isIdentifier ? byID + byName : byName + byID {
            if let field = scalars.first(where: { $0.name.lowercased() == candidate }) { return field.name }
        }
        return scalars.first { Naming.snake($0.name).hasSuffix("_id") }?.name
    }
}
