import PlumbModel

/// Makes a type's attributes of its path, its request bodies and its answers.
struct AttributeDrafter {
    private let group: ResourceGroup
    private let word: String
    /// What is sent to create and to update, and what answers bring, unwrapped.
    let created: SchemaShape
    let updated: SchemaShape
    let resource: SchemaShape
    private let inner: [String: (part: String, shape: SchemaShape)]
    private(set) var attributes: [AttributeDraft] = []
    private(set) var identity: String?
    private(set) var identitySource: IdentityFinder.Identity?
    /// The expression of each path parameter of the item.
    private(set) var parameters: [String: String] = [:]
    /// The attributes that stand for path parameters besides the last.
    private(set) var parents: [String] = []
    /// Fields that have one value only: they are sent, and are no attributes.
    private(set) var constants: [String: Value] = [:]
    /// Fields that answers write otherwise than requests do, `Title` for `title`: the answer's by the request's.
    private let aliases: [String: String]

    init(_ group: ResourceGroup, _ settings: APISettings) throws(AttributeDrafter.Failure) {
        self.group = group
        word = group.word
        let told = AttributeDrafter.resource(of: group)
        let flat = Envelope.flat(told)
        resource = flat
        created = AttributeDrafter.sent(by: group.create, group.word, flat)
        updated = group.update.map { AttributeDrafter.sent(by: $0, group.word, flat) } ?? .any
        inner =
            Envelope.isFrame(told)
            ? AttributeDrafter.within("attributes", flat.properties.filter { $0.name != "id" })
            : AttributeDrafter.inner([created, updated], flat)
        aliases = AttributeDrafter.aliases([created, updated], flat, inner, group)
        try addIdentity()
        addParents(settings)
        addQuery()
        for property in created.properties + updated.properties + resource.properties { add(property) }
        addWhatIsToldOnce()
    }

    private static func aliases(
        _ sent: [SchemaShape], _ told: SchemaShape, _ inner: [String: (part: String, shape: SchemaShape)],
        _ group: ResourceGroup
    ) -> [String: String] {
        let owner = Naming.singular(Naming.snake(group.word)).filter { $0 != "_" }
        let sent = sent.flatMap(\.properties)
        let names = Set(sent.map(\.name))
        let others = told.properties.filter { !names.contains($0.name) && canBeNamed($0.name) }
        let byWord = Dictionary(others.map { (Naming.folded($0.name), $0) }, uniquingKeysWith: { first, _ in first })
        var aliases: [String: String] = [:]
        for property in sent where told[property.name] == nil && inner[property.name] == nil {
            let word = Naming.folded(property.name)
            // The name of an app is sent as `app_name`, and told as `name`.
            let own = word == owner + "name" ? byWord["name"] : nil
            guard let other = byWord[word] ?? own, !AttributeTraits.isIdentifier(other.name),
                other.shape.kind.isAlike(property.shape.kind)
            else { continue }
            aliases[property.name] = other.name
        }
        return aliases
    }

    /// What the answer to a creation alone tells: the secret of a key.
    private mutating func addWhatIsToldOnce() {
        guard group.read != nil, group.creation == .post, group.create.phrase != group.read?.phrase,
            let answered = group.create.answered.map({ Envelope.flat(Envelope.item($0, word: word).shape) }),
            resource.properties.allSatisfy({ answered[$0.name] != nil || AttributeTraits.isNoise($0.name) })
        else { return }
        for property in answered.properties
        where resource[property.name] == nil && inner[property.name] == nil
            && AttributeDrafter.canBeNamed(property.name)
        {
            let name = Naming.attribute(property.name)
            guard property.shape.isScalar, property.shape.choices.count != 1, constants[property.name] == nil,
                !attributes.contains(where: { $0.name == name }), !AttributeTraits.isNoise(property.name)
            else { continue }
            var attribute = AttributeDraft(name: name, shape: property.shape, presence: .computed)
            let summary = SentenceMaker.summary(property.shape)
            attribute.summary = summary.isEmpty ? "Told once, by the answer to its creation." : summary
            attribute.isSensitive = AttributeTraits.isSensitive(property.name, property.shape)
            if name != property.name {
                attribute.expression = "${try(\(AttributeDrafter.place(property.name)), self.\(name))}"
            }
            attributes.append(attribute)
        }
    }

    /// Parts of a resource in which what was sent is told.
    private static let parts = ["spec", "config", "attributes", "properties", "settings", "configuration"]

    /// Fields that are sent flat and told in a part of the resource: where they stand.
    private static func inner(_ sent: [SchemaShape], _ resource: SchemaShape) -> [String: (
        part: String, shape: SchemaShape
    )] {
        var found: [String: (part: String, shape: SchemaShape)] = [:]
        for part in resource.properties where parts.contains(part.name.lowercased()) && canBeNamed(part.name) {
            for field in part.shape.properties where resource[field.name] == nil && canBeNamed(field.name) {
                guard let own = sent.lazy.compactMap({ $0[field.name] }).first, own.kind.isAlike(field.shape.kind)
                else {
                    continue
                }
                found[field.name] = found[field.name] ?? (part.name, field.shape)
            }
        }
        return found
    }

    private static func within(
        _ part: String, _ fields: [SchemaShape.Property]
    ) -> [String: (part: String, shape: SchemaShape)] {
        Dictionary(fields.map { ($0.name, (part, $0.shape)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Why no type can be made.
    enum Failure: Error { case unknownIdentity }

    // MARK: - What is sent and told

    private static func resource(of group: ResourceGroup) -> SchemaShape {
        let shapes = [group.read, group.creation == .post ? group.create : nil, group.update].compactMap { operation in
            operation?.answered.map { Envelope.item($0, word: group.word).shape }
        }
        if let known = shapes.first(where: { !$0.properties.isEmpty }) { return known }
        return group.list?.answered.flatMap { Envelope.items($0, word: group.word)?.shape } ?? .any
    }

    private static func sent(by operation: OpenAPIOperation, _ word: String, _ resource: SchemaShape) -> SchemaShape {
        guard let body = operation.body else { return .any }
        let shape = Envelope.sent(body.shape, word: word).shape
        // A body of which the document says nothing holds what answers hold.
        return shape.properties.isEmpty && body.encoding != .other ? resource : shape
    }

    /// Whether creation, update and answers are described by one schema, which cannot tell what may be sent.
    private var isShared: Bool {
        if created.name != nil, created.name == resource.name { return true }
        let told = resource.properties.map(\.name).filter { !AttributeTraits.isNoise($0) }
        return Set(created.properties.map(\.name)) == Set(told)
    }

    func isCreated(_ name: String) -> Bool { created[name].map { !$0.isReadOnly } ?? false }
    func isUpdated(_ name: String) -> Bool { updated[name].map { !$0.isReadOnly } ?? false }
    func isTold(_ name: String) -> Bool { told(name).map { !$0.isWriteOnly } ?? false || inner[name] != nil }

    /// The field of answers that is, by whatever way of writing, that of requests.
    private func told(_ name: String) -> SchemaShape? { resource[name] ?? aliases[name].flatMap { resource[$0] } }

    private func isSent(field: String) -> Bool { created[field] != nil || updated[field] != nil }

    /// Where the answer has `{"customer": {"id": 1}}` for `customer_id`, and `{"tags": [{"id": 1}]}` for `tag_ids`.
    private func partner(of field: String) -> String? {
        guard !isTold(field), AttributeDrafter.canBeNamed(field) else { return nil }
        let words = Naming.snake(field).split(separator: "_")
        guard let last = words.last, words.count > 1 else { return nil }
        let owner = words.dropLast().joined()
        for property in resource.properties where AttributeDrafter.canBeNamed(property.name) {
            let name = Naming.singular(Naming.snake(property.name)).filter { $0 != "_" }
            guard name == owner else { continue }
            let place = AttributeDrafter.place(property.name)
            if last == "id", property.shape["id"]?.mayBeText == true {
                return "${try(\(place).id, self.\(Naming.attribute(field)))}"
            }
            if last == "ids", property.shape.element?["id"]?.mayBeText == true {
                return "${try([for item in \(place) : item.id], self.\(Naming.attribute(field)))}"
            }
        }
        return nil
    }

    /// Whether a field of a request body is an attribute that the spec can give, or the id that the server has given where
    /// the path does not tell it.
    func isSent(_ field: String, by operation: OpenAPIOperation? = nil) -> Bool {
        let name = Naming.attribute(field)
        // Who replaces the whole sends the id again where the document has it in the body.
        let namesOne =
            operation.map {
                $0.phrase != group.create.phrase && ($0.path.lastParameter == nil || $0.method == "put")
            } ?? false
        return attributes.contains { $0.name == name && ($0.isSettable || name == identity && namesOne) }
    }

    /// Whether a parameter of the query is how the spec says something: in creations without a body.
    func isQueried(_ parameter: String, of operation: OpenAPIOperation) -> Bool {
        queried.contains(parameter)
            && (operation.phrase == group.create.phrase || operation.phrase == group.update?.phrase)
    }

    // MARK: - The path

    private mutating func addIdentity() throws(AttributeDrafter.Failure) {
        guard let parameter = group.idParameter else { return }
        let finder = IdentityFinder(group: group, resource: resource, word: word)
        var found = finder.find()
        if found == nil, isCreated(parameter) { found = .path }
        guard let found else { throw .unknownIdentity }
        identitySource = found
        let shape = group.operations.flatMap { $0.parameters(in: .path) }.first { $0.name == parameter }?.shape
        switch found {
        case .field(let field, let isGuess):
            // The name that requests have for it, where the spec gives it.
            let sent = aliases.first { $0.value == field }?.key
            identity = Naming.attribute(sent ?? field)
            if isGuess {
                guesses[field] = "{\(parameter)} in the path is \"\(field)\" of the answer"
            }
        case .nested(let path):
            identity = Naming.attribute(parameter)
            var attribute = AttributeDraft(
                name: Naming.attribute(parameter), shape: SchemaShape(kind: shape?.kind ?? .string),
                presence: .computed, expression: "${try(\(BodyPath.expression(path, root: "live")), null)}")
            attribute.guess = "{\(parameter)} in the path is \(path.joined(separator: ".")) of the answer"
            attributes.append(attribute)
        case .location:
            identity = Naming.attribute(parameter)
            attributes.append(
                AttributeDraft(
                    name: Naming.attribute(parameter), shape: SchemaShape(kind: .string), presence: .computed,
                    summary: "What the paths of the API know it by.",
                    guess: group.create.isUndocumented
                        && !group.create.answers.contains { $0.headers.contains("location") }
                        ? "no answer in the document tells {\(parameter)}"
                        : "{\(parameter)} is the end of the header Location"))
        case .path:
            identity = Naming.attribute(parameter)
            let summary = group.operations.flatMap { $0.parameters(in: .path) }.first { $0.name == parameter }?.summary
            guard resource[parameter] == nil, created[parameter] == nil else { break }
            attributes.append(
                AttributeDraft(
                    name: Naming.attribute(parameter),
                    shape: SchemaShape(kind: shape?.isScalar == true ? shape?.kind ?? .string : .string),
                    presence: .required, forcesReplacement: true, summary: SentenceMaker.sentence(summary ?? "")))
        }
        parameters[parameter] = identity.map { "self.\($0)" }
    }

    private var guesses: [String: String] = [:]
    private var queried = Set<String>()

    private mutating func addParents(_ settings: APISettings) {
        var previous = ""
        var all: [(name: String, before: String)] = []
        for path in [group.item, group.create.path] {
            previous = ""
            for segment in path.segments {
                if case .literal(let text) = segment { previous = text }
                let names: [String] =
                    switch segment {
                    case .literal: []
                    case .parameter(let name): [name]
                    case .mixed(let text): PathTemplate.pieces(of: text).compactMap(\.parameter)
                    }
                for name in names where !all.contains(where: { $0.name == name }) { all.append((name, previous)) }
            }
        }
        let isByPosition = group.create.path.skeleton == (group.item.parent?.skeleton ?? "")
        joinOwners(settings)
        for (name, before) in all where name != group.idParameter || group.idParameter == nil {
            // The same parameter under another name in the path of the collection.
            if isByPosition, !group.item.parameters.contains(name) { continue }
            if parameters[name] != nil { continue }
            if let variable = settings.pathVariables[name] {
                parameters[name] = "var.\(variable)"
                continue
            }
            addParent(name, before)
        }
    }

    /// Where the path that creates has one parameter that the item's has not, and the other way round, both are one and
    /// the same: the organisation is the owner.
    private mutating func joinOwners(_ settings: APISettings) {
        let item = group.item.parameters.filter { $0 != group.idParameter }
        let create = group.create.path.parameters
        guard group.create.path.skeleton != group.item.parent?.skeleton else { return }
        let only = (item.filter { !create.contains($0) }, create.filter { !group.item.parameters.contains($0) })
        guard only.0.count == 1, only.1.count == 1 else { return }
        if let variable = settings.pathVariables[only.0[0]] {
            parameters[only.0[0]] = "var.\(variable)"
        } else {
            addParent(only.0[0], "")
        }
        parameters[only.1[0]] = parameters[only.0[0]]
    }

    private mutating func addParent(_ parameter: String, _ before: String) {
        let isGeneral = ["id", "uuid", "name", "slug", "key", "code"].contains(Naming.snake(parameter))
        let singular = Naming.singular(Naming.snake(before))
        var name =
            isGeneral && !singular.isEmpty ? singular + "_" + Naming.snake(parameter) : Naming.attribute(parameter)
        if let field = resource.properties.first(where: {
            $0.shape.isScalar && Naming.folded($0.name) == Naming.folded(name)
        }) {
            name = Naming.attribute(field.name)
        }
        if name == identity { name = "parent_" + name }
        parents.append(name)
        parameters[parameter] = "self.\(name)"
        let described = group.operations.flatMap { $0.parameters(in: .path) }.first { $0.name == parameter }
        // Where no parameter is described, the answer says what it is.
        let shapes = [described?.shape, resource[name]].compactMap { $0 }
        let kind = shapes.first(where: \.isScalar)?.kind ?? .string
        var attribute = AttributeDraft(
            name: name, shape: SchemaShape(kind: kind), presence: .required, forcesReplacement: true,
            summary: SentenceMaker.sentence(described?.summary ?? ""))
        // The answer has something else of this name.
        if let field = resource[name], !field.mayBeText { attribute.expression = "${self.\(name)}" }
        attributes.append(attribute)
    }

    /// Some APIs take what a resource is from the query: `POST /things?name=x`.
    private mutating func addQuery() {
        let reading = [group.read, group.list].compactMap { $0 }.flatMap { $0.parameters(in: .query) }.map(\.name)
        for parameter in group.create.parameters(in: .query) where AttributeDrafter.canBeNamed(parameter.name) {
            let isTold: Bool = resource[parameter.name] != nil
            guard isTold || parameter.isRequired, parameter.shape.choices.count != 1 else { continue }
            // What a body has is said there; what reading wants too is about the API, not about one resource.
            guard created[parameter.name] == nil || group.create.body == nil else { continue }
            guard isTold || !reading.contains(parameter.name) else { continue }
            let name = Naming.attribute(parameter.name)
            guard !attributes.contains(where: { $0.name == name }) else { continue }
            queried.insert(parameter.name)
            let presence: AttributeDraft.Presence =
                parameter.isRequired ? .required : isTold ? .optionalComputed : .optional
            var attribute = AttributeDraft(name: name, shape: parameter.shape, presence: presence)
            let choices = parameter.shape.choices.compactMap(\.asText)
            attribute.summary = SentenceMaker.sentence(parameter.summary, choices: choices)
            attribute.isSensitive = AttributeTraits.isSensitive(name, parameter.shape)
            if let update = group.update {
                let isAsked = update.parameters(in: .query).contains { $0.name == parameter.name }
                attribute.forcesReplacement = !isAsked && !isUpdated(parameter.name)
            }
            attributes.append(attribute)
        }
    }

    // MARK: - Fields

    private mutating func add(_ property: SchemaShape.Property) {
        let field = property.name
        let name = Naming.attribute(field)
        guard !attributes.contains(where: { $0.name == name }), constants[field] == nil else { return }
        // It is there already, by the name that requests have for it, or in its parts.
        if aliases.values.contains(field) || inner.values.contains(where: { $0.part == field }) && !isSent(field: field)
        {
            return
        }
        let isCreated = isCreated(field)
        let isUpdated = isUpdated(field)
        let isTold = isTold(field)
        // The id in the path of what PUT makes is always given, in the body too or not.
        let isPathID = group.creation != .post && name == identity
        let isSettable = isPathID || (isCreated || isUpdated) && !isGivenByServer(field)
        if !isSettable, resource[field]?.choices.count == 1 { return }
        let canBeNamed = AttributeDrafter.canBeNamed(field) || inner[field] != nil
        if !isSettable, !isTold || AttributeTraits.isNoise(field) || !canBeNamed { return }
        let sent = isCreated ? created[field] : isUpdated ? updated[field] : nil
        let shape = (isSettable ? sent : resource[field]) ?? property.shape
        if isSettable, isCreated, created.isRequired(field), shape.choices.count == 1, name != identity {
            constants[field] = shape.choices[0]
            return
        }
        if isSettable, shape.isDeprecated, !created.isRequired(field) { return }
        var attribute = AttributeDraft(name: name, shape: shape, presence: .computed)
        var described = shape
        if described.summary.isEmpty { described.summary = told(field)?.summary ?? "" }
        attribute.summary = SentenceMaker.summary(described)
        attribute.isSensitive = AttributeTraits.isSensitive(field, shape)
        attribute.guess = guesses[field]
        if let part = inner[field]?.part {
            let place = BodyPath.expression([field], root: "live.\(part)")
            attribute.expression = "${try(\(place), null)}"
        }
        if name != field || aliases[field] != nil, isTold, inner[field] == nil {
            attribute.expression = "${\(AttributeDrafter.place(aliases[field] ?? field))}"
        }
        if let partner = partner(of: field) { attribute.expression = partner }
        if isSettable { settle(&attribute, field, shape) } else { attribute.isVolatile = !isConstant(name) }
        if isSettable, attribute.isUnorderedByName {
            attribute.shape.rules.append("unordered")
            attribute.guess = attribute.guess ?? "the order of its elements means nothing"
        }
        attributes.append(attribute)
    }

    /// Whether an expression can name the field: `live.content-type`.
    private static func canBeNamed(_ field: String) -> Bool {
        field.utf8.first.map { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F } ?? false
            && field.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    private static func place(_ field: String) -> String { canBeNamed(field) ? "live.\(field)" : "null" }

    private func isConstant(_ name: String) -> Bool {
        name == identity || AttributeTraits.isConstant(name)
    }

    /// Where one schema serves for all, only the name tells what is not to be sent.
    private func isGivenByServer(_ field: String) -> Bool {
        guard !created.isRequired(field) || created[field] == nil else { return isShared && isOwnID(field) }
        if AttributeTraits.isServerGiven(field), isTold(field) { return true }
        if isOwnID(field), isAnswered { return true }
        // Who counts is the server; a text may be an id that the client has made up.
        let isNumber = if case .number = resource[field]?.kind { true } else { false }
        return isOwnID(field) && (isShared || isNumber || !isCreated(field))
    }

    /// Whether the answer to a creation tells the id by the name that paths have for it, and hardly more: `{"thingID": …}`.
    /// A field for it in the body is then for updates.
    private var isAnswered: Bool {
        guard let parameter = group.idParameter, resource[parameter] == nil else { return false }
        return group.create.answered.map { Envelope.item($0, word: word).shape[parameter] != nil } ?? false
    }

    private func isOwnID(_ field: String) -> Bool {
        group.creation == .post && Naming.attribute(field) == identity && AttributeTraits.isIdentifier(field)
    }

    private mutating func settle(_ attribute: inout AttributeDraft, _ field: String, _ shape: SchemaShape) {
        let isTold = isTold(field) || attribute.expression != nil
        let isRequired = created.isRequired(field) && isCreated(field)
        // The id in the path of what PUT makes is always given.
        let isPathID = group.creation != .post && attribute.name == identity
        // A name in the path must be given, whatever the document says; an id need not be.
        let isName = attribute.name == identity && !Naming.snake(field).hasSuffix("id") && shape.isScalar
        if isRequired || isPathID || isName {
            attribute.presence = .required
        } else if let value = shape.simpleDefault {
            attribute.presence = .optional
            attribute.defaultValue = value
        } else {
            attribute.presence = isTold ? .optionalComputed : .optional
        }
        attribute.forcesReplacement = isPathID || (group.update != nil && !isUpdated(field))
        // A secret that no answer tells, or that only one schema for all has, which servers then mask.
        attribute.isWriteOnly = attribute.isSensitive && (!isTold || isShared) || shape.isWriteOnly
        if attribute.isWriteOnly {
            if attribute.presence == .optionalComputed { attribute.presence = .optional }
            attribute.isSensitive = false
            attribute.defaultValue = nil
        }
        guard isTold, let told = told(field), !told.kind.isAlike(shape.kind) else { return }
        attribute.expression = expression(of: field, sent: shape, told: told)
        attribute.guess = "the answer has it in another form than the request"
    }

    /// How a field that is sent as an id and told as an object is read back.
    private func expression(of field: String, sent: SchemaShape, told: SchemaShape) -> String {
        let names = ["id", "slug", "name", "key", "uuid", "code"]
        let place = AttributeDrafter.place(field)
        if sent.isScalar, let part = names.first(where: { told[$0].map { $0.kind.isAlike(sent.kind) } ?? false }) {
            return "${try(\(place).\(part), null)}"
        }
        if let element = told.element, sent.element?.isScalar == true,
            let part = names.first(where: { element[$0] != nil })
        {
            return "${try([for item in \(place) : item.\(part)], null)}"
        }
        return "${self.\(Naming.attribute(field))}"
    }
}
