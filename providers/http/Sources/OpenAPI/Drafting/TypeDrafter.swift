import PlumbModel

/// Drafts one type of an API file of what was found about a resource.
struct TypeDrafter {
    private static let natural = [
        "name", "slug", "username", "login", "email", "hostname", "domain", "fqdn", "title", "label", "display_name",
        "displayname", "key", "path", "url", "code", "number", "address", "ip", "cidr",
    ]

    private let group: ResourceGroup
    private let name: String
    private let attributes: AttributeDrafter
    private let requests: RequestDrafter
    private let waits: WaitFinder
    private var guesses: [String]

    init(
        _ group: ResourceGroup, name: String, settings: inout APISettings, waits: WaitFinder
    ) throws(AttributeDrafter.Failure) {
        self.group = group
        self.name = name
        self.waits = waits
        attributes = try AttributeDrafter(group, settings)
        var variables: [String: String] = [:]
        for operation in group.operations {
            for parameter in operation.parameters(in: .query) + operation.parameters(in: .header) {
                guard parameter.isRequired, !RequestDrafter.isOwnHeader(parameter.name),
                    RequestDrafter.constant(parameter) == nil, !attributes.isQueried(parameter.name, of: operation)
                else { continue }
                variables[parameter.name] = settings.variable(
                    parameter.name, parameter.shape.defaultValue?.asText, parameter.summary)
            }
        }
        requests = RequestDrafter(group: group, attributes: attributes, variables: variables)
        guesses = group.guesses
    }

    mutating func draft() -> TypeDraft {
        let key = key()
        var entries: [YAMLDraft.Entry] = []
        let summary = summary
        if !summary.isEmpty { entries.append(.init("summary", .text(summary))) }
        entries.append(.init("key", .list(key.names.map(YAMLDraft.text)), comment: comment(key.guess)))
        if let identity = serverID {
            // Owners that only a creation asks for, the answer tells.
            let asked = attributes.parents.filter { name in
                let isInPath = group.item.parameters.contains { attributes.parameters[$0] == "self.\(name)" }
                return isInPath || !attributes.isTold(name)
            }
            entries.append(.init("import", .list((asked + [identity]).map(YAMLDraft.text))))
        }
        let exemplary = attributes.resource.isExample || attributes.created.isExample
        let origin = comment(
            exemplary
                ? "from an example in the document, which tells neither what is required nor what else there is." : nil)
        entries.append(.init("schema", .map(schema(key.names)), comment: origin, isOpen: true))
        let expressions = attributes.attributes.compactMap { attribute in
            attribute.expression.map { YAMLDraft.Entry(attribute.name, .text($0)) }
        }
        if !expressions.isEmpty { entries.append(.init("attributes", .map(expressions))) }
        if usesETags { entries.append(.init("etags", .flag(true))) }
        entries += [lookup(key.names), list(), read(), create(), update(), delete()].compactMap { $0 }
        for guess in group.guesses where !entries.isEmpty { entries[0].comment = "guessed: \(guess). Check it." }
        return TypeDraft(
            name: name, summary: summary, key: key.names, entries: entries,
            paths: group.item.text, guesses: guesses, attributeCount: attributes.attributes.count)
    }

    private mutating func comment(_ guess: String?) -> String? {
        guard let guess else { return nil }
        guesses.append(guess)
        return "guessed: \(guess)"
    }

    private var summary: String {
        attributes.resource.summary.isEmpty ? attributes.created.summary : attributes.resource.summary
    }

    private var usesETags: Bool {
        let hasCondition = group.operations.contains { operation in
            operation.parameters(in: .header).contains { $0.name.lowercased() == "if-match" }
        }
        return hasCondition || group.read?.answers.contains { $0.headers.contains("etag") } == true
    }

    /// The id, where the server chooses it.
    private var serverID: String? {
        guard let identity = attributes.identity, let draft = attribute(identity), !draft.isSettable else { return nil }
        return identity
    }

    private func attribute(_ name: String) -> AttributeDraft? { attributes.attributes.first { $0.name == name } }

    // MARK: - Key and schema

    private func key() -> (names: [String], guess: String?) {
        let parents = attributes.parents
        if let name = group.lookup?.path.lastParameter, serverID != nil, attribute(Naming.attribute(name)) != nil {
            return (parents + [Naming.attribute(name)], nil)
        }
        guard let identity = attributes.identity, let draft = attribute(identity) else { return (parents, nil) }
        if draft.isSettable { return (parents + [identity], nil) }
        let candidates = attributes.attributes.filter { attribute in
            attribute.isSettable && !parents.contains(attribute.name) && !attribute.isWriteOnly
                && attribute.shape.mayBeText
        }
        let advice = "look whether the API lets two have the same"
        for name in TypeDrafter.natural {
            // A name that need not be given tells as well as one that must be, where it is given.
            if let found = candidates.first(where: { Naming.snake($0.name) == name }) {
                return (parents + [found.name], "\"\(found.name)\" tells one from another; \(advice).")
            }
        }
        if let named = candidates.first(where: { $0.presence == .required && Naming.snake($0.name).hasSuffix("_name") })
        {
            return (parents + [named.name], "\"\(named.name)\" tells one from another; \(advice).")
        }
        let required = candidates.filter { $0.presence == .required }
        if !required.isEmpty {
            return (
                parents + required.map(\.name),
                "what must be given tells one from another, since nothing is called a name."
            )
        }
        let others = attributes.attributes.filter { $0.isSettable && !parents.contains($0.name) }
        let telling = candidates.first { candidate in
            // A flag tells one of two at best.
            if case .bool = candidate.shape.kind { false } else { true }
        }
        let some =
            (telling ?? others.first { Naming.snake($0.name) == "name" } ?? candidates.first ?? others.first)
            .map { [$0.name] } ?? []
        return (
            parents + some,
            "nothing in the document tells one from another but the id, which the server chooses; choose attributes that do."
        )
    }

    private mutating func schema(_ key: [String]) -> [YAMLDraft.Entry] {
        let all = attributes.attributes.map { attribute in
            // What tells one from another must be told.
            var attribute = attribute
            let isNeeded = attribute.isSettable && key.contains(attribute.name) && attribute.name != attributes.identity
            if isNeeded, attribute.defaultValue == nil { attribute.presence = .required }
            return attribute
        }
        let settable = all.filter(\.isSettable)
        let computed = all.filter { !$0.isSettable }
        let first = settable.filter { $0.presence == .required } + settable.filter { $0.presence != .required }
        return (first + computed).map { attribute in
            var entry = YAMLDraft.Entry(attribute.name, .map(attribute.entries))
            entry.comment = comment(attribute.guess.map { $0 + "." })
            return entry
        }
    }

    // MARK: - Finding

    private var items: (content: Envelope.Content, operation: OpenAPIOperation)? {
        guard let list = group.list, let content = list.answered.flatMap({ Envelope.items($0, word: group.word) })
        else {
            return nil
        }
        return (content, list)
    }

    private func itemsEntries(_ content: Envelope.Content, _ operation: OpenAPIOperation) -> [YAMLDraft.Entry] {
        let place = BodyPath.expression(content.path)
        var entries = requests.settings(operation)
        if operation.method != "get" {
            // Pages are asked for in the body.
            entries += [.init("idempotent", .flag(true)), .init("body", .map([]))]
        }
        entries.append(.init("items", .text(content.path.count > 1 ? "${try(\(place), [])}" : "${\(place)}")))
        if let page = PagingFinder.page(operation, items: content.path) { entries.append(.init("page", .map(page))) }
        return entries
    }

    private func list() -> YAMLDraft.Entry? {
        guard let (content, operation) = items else { return nil }
        var entries =
            [YAMLDraft.Entry(operation.method, .text(requests.path(operation)))] + itemsEntries(content, operation)
        if let identity = serverID, content.shape[identityField] != nil {
            entries.append(.init("match", .list([.text(identity)])))
        }
        if group.read != nil, lacksAttributes(content.shape) { entries.append(.init("partial", .flag(true))) }
        return .init("list", .map(entries))
    }

    private var identityField: String {
        if case .field(let field, _) = attributes.identitySource { field } else { attributes.identity ?? "" }
    }

    /// Whether items of a list tell less than a resource that is read by itself.
    private func lacksAttributes(_ item: SchemaShape) -> Bool {
        if let name = item.name, name == attributes.resource.name { return false }
        let item = Envelope.flat(item)
        return attributes.resource.properties.contains { property in
            // The owner is known: it was asked for.
            item[property.name] == nil && !AttributeTraits.isNoise(property.name)
                && !attributes.parents.contains(Naming.attribute(property.name))
        }
    }

    /// A list that the server itself searches by what tells resources apart.
    private func lookup(_ key: [String]) -> YAMLDraft.Entry? {
        if let operation = group.lookup, serverID != nil { return .init("lookup", .map(reading(operation))) }
        guard let (content, operation) = items, serverID != nil, operation.method == "get" else { return nil }
        let filters = operation.parameters(in: .query).filter { parameter in
            key.contains(parameter.name) && parameter.shape.mayBeText && content.shape[parameter.name] != nil
        }
        guard !filters.isEmpty else { return nil }
        let query = filters.map { YAMLDraft.Entry($0.name, .text("${self.\($0.name)}")) }
        var entries: [YAMLDraft.Entry] = [.init("get", .text(requests.path(operation)))]
        var more = itemsEntries(content, operation)
        if let place = more.firstIndex(where: { $0.key == "query" }), case .map(let others) = more[place].value {
            more[place].value = .map(query + others)
        } else {
            more.insert(.init("query", .map(query)), at: 0)
        }
        entries += more
        return .init("lookup", .map(entries))
    }

    private func read() -> YAMLDraft.Entry? {
        group.read.map { .init("read", .map(reading($0))) }
    }

    private func reading(_ operation: OpenAPIOperation) -> [YAMLDraft.Entry] {
        var entries = [YAMLDraft.Entry("get", .text(requests.path(operation)))] + requests.settings(operation)
        let content = operation.answered.map { Envelope.item($0, word: group.word) }
        if let content, !content.path.isEmpty {
            entries.append(.init("live", .text("${\(BodyPath.expression(content.path))}")))
        }
        return entries
    }

    // MARK: - Changing

    private func create() -> YAMLDraft.Entry {
        let operation = group.create
        var request = [YAMLDraft.Entry(operation.method, .text(requests.path(operation)))]
        request += requests.settings(operation)
        if let key = operation.parameters(in: .header).first(where: {
            $0.name.lowercased().hasSuffix("idempotency-key")
        }) {
            request.append(.init("idempotency_key", .text(key.name)))
        }
        let isUpdating = group.creation != .post && group.update?.phrase == operation.phrase
        if let body = requests.body(operation, where: attributes.isCreated) {
            request.append(.init(bodyKey(operation), sharesBody ? .anchored("body", body) : body))
        }
        let late = lateFields
        let wait = wait(operation)
        if !late.isEmpty, !isUpdating, let update = group.update,
            let source = identityIn(operation, root: "answer.created.body")
        {
            return .init("create", .map(twoSteps(request, late, update, source, wait)))
        }
        var entries = request
        // Who may replace what is there already must look first.
        if group.creation == .put, operation.method == "put" {
            entries.insert(.init("refuse_existing", .flag(true)), at: 0)
        }
        entries += result(operation)
        if let wait { entries.append(.init("wait", .map(wait))) }
        return .init("create", .map(entries))
    }

    private func wait(_ operation: OpenAPIOperation) -> [YAMLDraft.Entry]? {
        let entries = waits.wait(operation, attributes.resource, word: group.word) { attributes.isSent($0) }
        // What a poll tells may only be set where it is an attribute.
        return entries?.filter { $0.key != "set" || serverID == "id" }
    }

    /// Fields that only an update can give.
    private var lateFields: [String] {
        guard group.creation == .post else { return [] }
        return attributes.updated.properties.map(\.name).filter {
            attributes.isUpdated($0) && !attributes.isCreated($0) && attributes.isSent($0)
                && Naming.attribute($0) != attributes.identity
        }
    }

    private func twoSteps(
        _ request: [YAMLDraft.Entry], _ late: [String], _ update: OpenAPIOperation, _ source: String,
        _ wait: [YAMLDraft.Entry]?
    ) -> [YAMLDraft.Entry] {
        var second = [YAMLDraft.Entry(update.method, .text(requests.path(update, identity: source)))]
        second.append(.init("for", .list(late.map { .text(Naming.attribute($0)) })))
        second += requests.settings(update)
        let isWhole = update.method == "put"
        if let body = requests.body(update, where: { isWhole ? attributes.isUpdated($0) : late.contains($0) }) {
            second.append(.init(bodyKey(update), body))
        }
        let first = [YAMLDraft.Entry("as", .text("created"))] + request + (wait.map { [.init("wait", .map($0))] } ?? [])
        var entries = [
            YAMLDraft.Entry(
                "steps", .list([.map(first), .map(second)]),
                comment: "What only an update can give is sent after the creation.")
        ]
        if serverID != nil, let identity = attributes.identity {
            entries.append(.init("set", .map([.init(identity, .text("${\(source)}"))])))
        }
        return entries
    }

    /// `live` where the answer is the resource, `set` where it tells the id alone, nothing where it is read back.
    private func result(_ operation: OpenAPIOperation) -> [YAMLDraft.Entry] {
        if let content = operation.answered.map({ Envelope.item($0, word: group.word) }), isWhole(content.shape),
            !operation.mayBeAsynchronous
        {
            return [.init("live", .text("${\(BodyPath.expression(content.path))}"))]
        }
        guard let identity = serverID, operation.phrase == group.create.phrase else { return [] }
        let isLocated = operation.answers.contains { $0.headers.contains("location") }
        let last = locationEnd(identity)
        if isLocated, attributes.identitySource == .location || operation.answersWithoutBody {
            return [.init("set", .map([.init(identity, .text("${\(last)}"))]))]
        }
        if operation.isUndocumented, items != nil || attributes.identitySource == .location {
            return undocumented(identity, last)
        }
        if let place = identityIn(operation, root: "response.body") {
            return [.init("set", .map([.init(identity, .text("${\(place)}"))]))]
        }
        guard operation.isUndocumented else { return [] }
        return undocumented(identity, last)
    }

    private func locationEnd(_ identity: String) -> String {
        let ending = group.item.ending.isEmpty ? "/" : group.item.ending
        let last = "regex(\"[^/]+$\", trimsuffix(response.headers.location, \"\(ending)\"))"
        let isNumber = if case .number = attribute(identity)?.shape.kind { true } else { false }
        return isNumber ? "tonumber(\(last))" : last
    }

    /// Most servers tell what they have made, or its id, or where it is. Where none of that is told, it is looked up.
    private func undocumented(_ identity: String, _ last: String) -> [YAMLDraft.Entry] {
        let wrapper = group.read?.answered.map { Envelope.item($0, word: group.word).path } ?? []
        var names = [identityField]
        for name in [group.idParameter ?? "id", "id", "_id"] where !names.contains(name) { names.append(name) }
        if identityField == "id" || identityField == "_id" { names = [identityField] }
        var places = names.map { BodyPath.expression(wrapper + [$0]) }
        if !wrapper.isEmpty { places += names.map { BodyPath.expression([$0]) } }
        let isText = if case .string = attribute(identity)?.shape.kind { true } else { false }
        if isText { places = places.map { "tostring(\($0))" } }
        let text = "${try(\((places + [last, "null"]).joined(separator: ", ")))}"
        return [
            .init(
                "set", .map([.init(identity, .text(text))]),
                comment: "guessed: where the answer tells the id; the document does not say.")
        ]
    }

    /// Whether an answer tells all that reading does.
    private func isWhole(_ shape: SchemaShape) -> Bool {
        guard !shape.properties.isEmpty else { return false }
        if let name = shape.name, name == attributes.resource.name { return true }
        let shape = Envelope.flat(shape)
        return attributes.resource.properties.allSatisfy { shape[$0.name] != nil || AttributeTraits.isNoise($0.name) }
    }

    /// Where the answer to a creation tells the id; the attribute itself where the spec gives it.
    private func identityIn(_ operation: OpenAPIOperation, root: String) -> String? {
        guard let identity = attributes.identity else { return nil }
        guard serverID != nil else { return "self.\(identity)" }
        guard let content = operation.answered.map({ Envelope.item($0, word: group.word) }) else { return nil }
        let path: [String]
        switch attributes.identitySource {
        case .field(let field, _):
            path = [field]
            // The answer to a creation may call it by its long name: `job_id` for `id`.
            if content.shape[field] == nil, let parameter = group.idParameter, content.shape[parameter] != nil {
                return BodyPath.expression(content.path + [parameter], root: root)
            }
        case .nested(let parts): path = parts
        default: return nil
        }
        guard content.shape[path[0]] != nil || content.shape.properties.isEmpty else { return nil }
        return BodyPath.expression(content.path + path, root: root)
    }

    private func bodyKey(_ operation: OpenAPIOperation) -> String {
        operation.body?.encoding == .form ? "form" : "body"
    }

    private var updateBody: YAMLDraft? {
        group.update.flatMap { requests.body($0, where: attributes.isUpdated) }
    }

    /// Whether creation and update send the same.
    private var sharesBody: Bool {
        guard let update = group.update, update.method != "patch", updateBody != nil else { return false }
        return updateBody == requests.body(group.create, where: attributes.isCreated)
            && bodyKey(update) == bodyKey(group.create) && lateFields.isEmpty
    }

    private func update() -> YAMLDraft.Entry? {
        guard let operation = group.update else { return nil }
        // A name that can be changed is, until then, what it was.
        let canMove =
            attributes.identity.map { name in
                attribute(name)?.isSettable == true && attribute(name)?.forcesReplacement == false
            } ?? false
        let identity = canMove ? attributes.identity.map { "prior.\($0)" } : nil
        var entries = [YAMLDraft.Entry(operation.method, .text(requests.path(operation, identity: identity)))]
        entries += requests.settings(operation)
        if let body = updateBody {
            let isJSONPatch = operation.body?.mediaType.contains("json-patch") == true
            if isJSONPatch {
                entries.append(.init("json_patch", body))
            } else if operation.method == "patch", operation.body?.encoding == .json, isMergedAlike(operation) {
                entries.append(.init("changes", body))
            } else {
                entries.append(.init(bodyKey(operation), sharesBody ? .alias("body") : body))
            }
        }
        if !operation.mayBeAsynchronous { entries += result(operation) }
        if let wait = wait(operation) {
            entries.append(.init("wait", .map(wait)))
        }
        return .init("update", .map(entries))
    }

    /// Whether a merge patch means to the server what it means to us. Objects within are merged by those alone that say
    /// so; others want them whole.
    private func isMergedAlike(_ operation: OpenAPIOperation) -> Bool {
        if operation.body?.mediaType.contains("merge-patch") == true { return true }
        // What frames the attributes must always be sent, and never differs.
        let content = operation.body.map { Envelope.sent($0.shape, word: group.word) }
        if content?.frame != nil { return false }
        return attributes.updated.properties.allSatisfy { property in
            switch property.shape.kind {
            case .string, .number, .bool, .list: true
            case .any, .map, .object: !attributes.isSent(property.name)
            }
        }
    }

    private func delete() -> YAMLDraft.Entry {
        guard let operation = group.delete else {
            let read = group.read ?? group.create
            return .init(
                "delete", .map([.init("get", .text(requests.path(read)))]),
                comment: "The API cannot delete it: it stays as it is, and is only forgotten.")
        }
        var entries =
            [YAMLDraft.Entry(operation.method, .text(requests.path(operation)))] + requests.settings(operation)
        if let wait = waits.deletionWait(operation, attributes.resource, word: group.word) {
            entries.append(.init("wait", .map(wait)))
        }
        return .init("delete", .map(entries))
    }
}
