/// What a document says about one kind of resource: which request does what.
struct ResourceGroup {
    enum Creation {
        /// POST to the collection; the server may choose the id.
        case post
        /// PUT to the item's own path: the spec chooses the id.
        case put
        /// It is there as long as its parent is: settings, say.
        case always
    }

    /// The path of one resource.
    let item: PathTemplate
    /// The parameter that tells one from the others of its collection; nil for what its parent has once.
    let idParameter: String?
    let creation: Creation
    let create: OpenAPIOperation
    /// Nil: it is found in the list.
    let read: OpenAPIOperation?
    /// `GET /things`, or `POST /things/filter`.
    let list: OpenAPIOperation?
    /// Finds one by a name of its own: `GET /things/name/{name}`.
    var lookup: OpenAPIOperation?
    let update: OpenAPIOperation?
    /// Nil for what is always there.
    let delete: OpenAPIOperation?
    /// What somebody has to look at.
    var guesses: [String] = []

    var operations: [OpenAPIOperation] { [create, read, list, lookup, update, delete].compactMap { $0 } }

    /// The words of its path that name things.
    var words: [String] { item.selected.map { $0.literals } ?? item.literals }

    /// What it costs to draft a type of it, in parts of schemas: each of its fields is looked for among all others.
    var weight: Int {
        let shapes = operations.flatMap { [$0.body?.shape, $0.answered].compactMap { $0 } }
        return shapes.reduce(0) { $0 + $1.weight + $1.properties.count * $1.properties.count / 10 }
    }

    /// What the collection is called: the last word of the path, `records` of `/zones/{zone}/records/{id}`.
    var word: String { words.last ?? create.path.literals.last ?? "thing" }
}

/// An operation that nothing has been made of, and why.
struct LeftOperation {
    enum Reason: String, CaseIterable {
        case excluded = "not asked for by --include"
        case readOnly = "only reads: nothing of it could be managed"
        case noDeletion = "nothing deletes what it is about"
        case noReading = "nothing reads what it is about"
        case noCreation = "nothing creates what it is about"
        case unknownIdentity = "no answer tells the id that the path asks for"
        case encoding = "its body is neither JSON nor a form"
        case action = "an action, not a resource"
        case other = "does what another operation of a type does already"
    }

    let operation: OpenAPIOperation
    let reason: Reason
}
