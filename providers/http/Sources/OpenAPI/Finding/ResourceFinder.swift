/// Finds the resources of an API in its operations: collections with their items, what PUT makes, what there is once.
struct ResourceFinder {
    private enum Role: Hashable {
        case list, create, read, put, patch, post, delete
    }

    private struct Found {
        var groups: [ResourceGroup] = []
        var left: [LeftOperation] = []
    }

    private static let verbs: [String: Role] = [
        "create": .create, "add": .create, "new": .create, "insert": .create, "update": .put, "edit": .put,
        "modify": .put, "delete": .delete, "remove": .delete, "destroy": .delete, "get": .read, "show": .read,
        "info": .read, "view": .read, "detail": .read, "details": .read, "inspect": .read, "json": .read,
        "list": .list, "all": .list,
    ]

    private let operations: [OpenAPIOperation]
    /// By the path's skeleton. What methods say goes before what words in paths say.
    private var roles: [String: [Role: OpenAPIOperation]] = [:]
    private var paths: [PathTemplate] = []
    /// Paths that end with a word and a parameter, by what stands before these: `/things` for `/things/name/{name}`.
    private var named: [String: [PathTemplate]] = [:]
    /// Operations with POST by the last word of their paths.
    private var posts: [String: [OpenAPIOperation]] = [:]
    /// Creating operations by the name of the schema that they answer with.
    private var creators: [String: [OpenAPIOperation]] = [:]

    init(_ operations: [OpenAPIOperation]) {
        self.operations = operations
        for operation in operations where operation.path.isOrdinary {
            add(operation, ResourceFinder.role(operation), at: operation.path)
        }
        for operation in operations where operation.path.isOrdinary {
            guard let (path, role) = ResourceFinder.spokenRole(operation) else { continue }
            add(operation, role, at: path)
        }
        for path in paths where path.lastParameter != nil {
            guard let parent = path.parent, case .literal = parent.segments.last, let above = parent.parent else {
                continue
            }
            named[above.skeleton, default: []].append(path)
        }
        for operation in operations where operation.method == "post" && operation.path.lastParameter == nil {
            if case .literal(let word) = operation.path.segments.last { posts[word, default: []].append(operation) }
            guard let name = operation.answered.flatMap({ Envelope.item($0, word: "").shape.name }) else { continue }
            creators[name, default: []].append(operation)
        }
    }

    private mutating func add(_ operation: OpenAPIOperation, _ role: Role, at path: PathTemplate) {
        let skeleton = path.skeleton
        if roles[skeleton] == nil { paths.append(path) }
        if roles[skeleton]?[role] == nil { roles[skeleton, default: [:]][role] = operation }
    }

    private static func role(_ operation: OpenAPIOperation) -> Role {
        let isItem = operation.path.lastParameter != nil
        return switch operation.method {
        case "get": isItem ? .read : .list
        case "post": isItem ? .post : .create
        case "put": .put
        case "patch": .patch
        default: .delete
        }
    }

    /// `POST /things/create`, `DELETE /things/delete/{id}`, `POST /things/{id}/update`: a word says what is done.
    private static func spokenRole(_ operation: OpenAPIOperation) -> (PathTemplate, Role)? {
        let segments = operation.path.segments
        for place in segments.indices.reversed().prefix(2) where place > 0 {
            guard case .literal(let word) = segments[place], var role = verbs[word.lowercased()] else { continue }
            // `/containers/json` and `/containers/{id}/json`.
            if word == "json" { role = operation.path.parameters.isEmpty ? .list : .read }
            guard role == .read || role == .list ? operation.method == "get" : operation.method != "get" else {
                continue
            }
            let rest = segments[..<place] + segments[(place + 1)...]
            let texts = rest.map { segment in
                switch segment {
                case .literal(let text), .mixed(let text): text
                case .parameter(let name): "{\(name)}"
                }
            }
            let path = PathTemplate("/" + texts.joined(separator: "/"))
            // `/things/{id}/remove` is about one thing, `/things/remove` about none.
            guard (role == .create || role == .list) == (path.lastParameter == nil) else { continue }
            return (path, role)
        }
        return nil
    }

    // MARK: - Groups

    /// The groups in the document's order, and each operation that is in none.
    func find() -> (groups: [ResourceGroup], left: [LeftOperation]) {
        var found = Found()
        var used = Set<String>()
        let groups = paths.compactMap { $0.lastParameter == nil ? singleton($0) : item($0) }
        let otherWays = Set(groups.compactMap { $0.lookup?.path.skeleton })
        for group in groups where !otherWays.contains(group.item.skeleton) {
            found.groups.append(group)
            for operation in group.operations { used.insert(operation.phrase) }
        }
        let skeletons = Set(found.groups.flatMap(\.operations).map(\.path.skeleton))
        for operation in operations where !used.contains(operation.phrase) {
            found.left.append(LeftOperation(operation: operation, reason: reason(for: operation, skeletons)))
        }
        return (found.groups, found.left)
    }

    private func item(_ path: PathTemplate) -> ResourceGroup? {
        guard let own = roles[path.skeleton], var parent = path.parent, let delete = own[.delete] else { return nil }
        if let selected = path.selected, roles[selected.skeleton]?[.create] != nil, roles[parent.skeleton] == nil {
            // Where items have a path of their own, or one that can do more, this is another way to them.
            let others = (named[selected.skeleton] ?? []).filter { $0.skeleton != path.skeleton && $0.selected != nil }
            guard roles[selected.skeleton + "/{}"]?[.delete] == nil,
                isUpdated(path) || !others.contains(where: isUpdated)
            else { return nil }
            parent = selected
        }
        let collection = roles[parent.skeleton] ?? [:]
        var guesses: [String] = []
        var list = collection[.list] ?? search(parent, own[.read])
        guard own[.read] != nil || list != nil else { return nil }
        let found: (operation: OpenAPIOperation, creation: ResourceGroup.Creation)
        if let create = collection[.create] {
            found = (create, .post)
        } else if let put = own[.put] {
            found = (put, .put)
        } else if let (create, guess) = creator(path, parent, own[.read]) {
            found = (create, .post)
            guesses.append(guess)
            list = list ?? roles[create.path.skeleton]?[.list]
        } else if let post = own[.post] {
            found = (post, .put)
        } else {
            return nil
        }
        var update = own[.patch] ?? own[.put]
        if found.creation == .post {
            // A form on the item often takes a part of what a PUT with the id in its body does.
            update = update ?? bodyUpdate(collection[.put] ?? collection[.patch]) ?? own[.post]
        }
        var group = ResourceGroup(
            item: path, idParameter: path.lastParameter, creation: found.creation, create: found.operation,
            read: own[.read], list: list, update: update, delete: delete, guesses: guesses)
        group.lookup = lookup(path, parent, group)
        return group
    }

    private func isUpdated(_ item: PathTemplate) -> Bool {
        roles[item.skeleton]?[.put] != nil || roles[item.skeleton]?[.patch] != nil
    }

    /// `POST /things/filter` or `GET /things/search`, which answers with what `GET /things` would elsewhere.
    private func search(_ collection: PathTemplate, _ read: OpenAPIOperation?) -> OpenAPIOperation? {
        for word in ["filter", "search", "query", "list", "find"] {
            guard let own = roles[collection.skeleton + "/" + word], let operation = own[.create] ?? own[.list],
                operation.method == "post" || operation.method == "get", operation.body?.encoding ?? .json == .json,
                !operation.parameters(in: .query).contains(where: \.isRequired),
                operation.body?.shape.properties.contains(where: \.isRequired) != true,
                let items = operation.answered.flatMap({ Envelope.items($0, word: collection.literals.last ?? "") })
            else { continue }
            let item = read?.answered.map { Envelope.item($0, word: "").shape }
            // Of what is searched for in other ways, such as events of things, the answer is another.
            if item == nil || item?.name != nil && item?.name == items.shape.name { return operation }
        }
        return nil
    }

    /// `GET /things/name/{name}` beside `GET /things/{id}`, where the spec gives the name.
    private func lookup(
        _ path: PathTemplate, _ collection: PathTemplate, _ group: ResourceGroup
    ) -> OpenAPIOperation? {
        guard group.creation == .post, let own = group.read?.answered.map({ Envelope.item($0, word: "").shape }),
            own.name != nil, let body = group.create.body.map({ Envelope.sent($0.shape, word: group.word).shape })
        else { return nil }
        for other in named[collection.skeleton] ?? [] {
            if other.skeleton == path.skeleton || path.selected != nil && isUpdated(other) { continue }
            guard let name = other.lastParameter, body[name]?.mayBeText == true, own[name] != nil,
                let read = roles[other.skeleton]?[.read],
                read.answered.map({ Envelope.item($0, word: "").shape.name }) == own.name
            else { continue }
            return read
        }
        return nil
    }

    /// `PUT /pet`, with the id in the body.
    private func bodyUpdate(_ operation: OpenAPIOperation?) -> OpenAPIOperation? {
        guard let operation, let body = operation.body, operation.path.lastParameter == nil else { return nil }
        return body.shape.properties.contains { ["id", "uuid", "name"].contains($0.name.lowercased()) }
            ? operation : nil
    }

    /// What creates items whose collection has no POST: beside it in another number (`/project` and `/projects/{id}`), or
    /// anywhere with the same schema in its answer.
    private func creator(
        _ path: PathTemplate, _ parent: PathTemplate, _ read: OpenAPIOperation?
    ) -> (OpenAPIOperation, String)? {
        if case .literal(let word) = parent.segments.last, let above = parent.parent {
            let singular = Naming.singular(word)
            let others = [singular, word + "s", word + "es", singular.dropLast() + "ies"].filter { $0 != word }
            for other in others {
                let skeleton = (above.segments.isEmpty ? "" : above.skeleton + "/") + other
                if let create = roles[skeleton]?[.create] {
                    return (create, "created by \(create.phrase), whose path is another")
                }
            }
        }
        if let nested = nestedCreator(path, parent) {
            return (nested, "created by \(nested.phrase), whose path ends alike")
        }
        guard let name = read?.answered.flatMap({ Envelope.item($0, word: "").shape.name }) else { return nil }
        let candidates = (creators[name] ?? []).filter { operation in
            // Everything that the item's path asks for must be told by the request or its answer.
            operation.path.parameters.count < max(2, path.parameters.count + 1) && operation.body != nil
        }
        // Where an item is given its owner's name, the collection of that owner is meant.
        let ranked = candidates.enumerated().max { left, right in
            let leftRank = (shared(left.element.path, path), left.element.path.parameters.count, -left.offset)
            return leftRank < (shared(right.element.path, path), right.element.path.parameters.count, -right.offset)
        }
        return ranked.map { ($0.element, "created by \($0.element.phrase), because it answers with the same \(name)") }
    }

    /// `POST /tickets/{ticket}/comments` for `/comments/{id}`: made below an owner, known by their ids alone.
    private func nestedCreator(_ path: PathTemplate, _ parent: PathTemplate) -> OpenAPIOperation? {
        guard case .literal(let word) = parent.segments.last, roles[parent.skeleton]?[.create] == nil else {
            return nil
        }
        let candidates = (posts[word] ?? []).filter { operation in
            let own = operation.path
            guard operation.body != nil else { return false }
            // One owner more, and nobody else's items.
            return own.parameters.count == parent.parameters.count + 1
                && own.segments.starts(with: parent.segments.dropLast())
                && roles[own.skeleton + "/{}"]?[.delete] == nil
        }
        return candidates.count == 1 ? candidates[0] : nil
    }

    private func shared(_ left: PathTemplate, _ right: PathTemplate) -> Int {
        Set(left.literals).intersection(right.literals).count
    }

    /// What there is once: of its parent, or at all.
    private func singleton(_ path: PathTemplate) -> ResourceGroup? {
        guard let own = roles[path.skeleton], let read = own[.list], read.path.segments == path.segments else {
            return nil
        }
        // What holds items is a collection, even if it can be emptied or replaced as a whole.
        guard roles[path.skeleton + "/{}"] == nil, Envelope.items(read.answered ?? .any, word: "") == nil else {
            return nil
        }
        if let delete = own[.delete], let create = own[.put] ?? own[.create] {
            return ResourceGroup(
                item: path, idParameter: nil, creation: .put, create: create, read: read, list: nil,
                update: own[.patch] ?? own[.put], delete: delete)
        }
        guard own[.delete] == nil, let update = own[.patch] ?? own[.put], let body = update.body,
            !Envelope.item(body.shape, word: path.literals.last ?? "").shape.properties.isEmpty
        else { return nil }
        return ResourceGroup(
            item: path, idParameter: nil, creation: .always, create: update, read: read, list: nil, update: update,
            delete: nil)
    }

    // MARK: - What is left

    /// - Parameter used: the skeletons of the paths of what was found.
    private func reason(for operation: OpenAPIOperation, _ used: Set<String>) -> LeftOperation.Reason {
        let path = operation.path
        let item = path.lastParameter == nil ? path.skeleton + "/{}" : path.skeleton
        let own = roles[item] ?? [:]
        if used.contains(path.skeleton) { return .other }
        if operation.method == "get" {
            let isBesideChanges = own[.delete] != nil || own[.put] != nil || own[.patch] != nil
            guard isBesideChanges else { return .readOnly }
        }
        if operation.method == "post", path.lastParameter == nil, roles[item] == nil { return .action }
        if own.isEmpty { return .action }
        if own[.delete] == nil { return .noDeletion }
        let collection = path.lastParameter == nil ? path : path.parent ?? path
        if own[.read] == nil, roles[collection.skeleton]?[.list] == nil { return .noReading }
        return .noCreation
    }
}
