import PlumbModel

/// Reads one type of an API file: its schema and its operations.
struct TypeReader {
    static let resourceKeys = [
        "summary", "key", "schema", "attributes", "read", "lookup", "list", "batch", "create", "update", "delete",
        "replace_on", "import", "scan", "etags", "exclusive", "errors",
    ]
    static let dataKeys = ["summary", "schema", "attributes", "read", "errors"]

    let name: String
    private let nameRange: SourceRange
    private var section: SectionReader
    private let settings: NameCheck
    private let apiErrors: ErrorRules
    private let references: (any SchemaReferenceReading)?
    private var shape: TypeShape?
    private var key: [String] = []

    var problems: Diagnostics { section.problems }

    init(
        _ entry: SpecificationNode.Entry, _ kind: String, keys: [String], settings: NameCheck, errors: ErrorRules,
        references: (any SchemaReferenceReading)?
    ) {
        name = entry.key
        nameRange = entry.keyRange
        section = SectionReader(entry.value, "\(kind) \(entry.key)", keys: keys)
        self.settings = settings
        apiErrors = errors
        self.references = references
        if !TypeReader.isName(entry.key) {
            section.report(
                "Invalid name",
                "\"\(entry.key)\" is no name for a type: names have small letters, digits and _, and begin with a letter, "
                    + "as in powerdns_zone.", at: entry.keyRange)
        }
    }

    private static func isName(_ text: String) -> Bool {
        let isLetter = { (byte: UInt8) in byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
        return text.utf8.first.map(isLetter) == true
            && text.utf8.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "_") }
    }

    // MARK: - What it looks like

    /// Nil where there is no schema.
    mutating func readShape() -> TypeShape? {
        let summary = section.text("summary") ?? ""
        guard let read = SchemaReader(name: name, references: references).read(&section, at: nameRange) else {
            return nil
        }
        let names = ownNames(read.schema)
        let attributes = section.node["attributes"].map { node in
            section.section(node, "attributes of \(name)", keys: read.schema.attributes.map(\.name)) { section in
                var attributes: [String: ValueExpression] = [:]
                for entry in section.entries {
                    attributes[entry.key] = section.expression(entry.value, names.with(.live))
                }
                return attributes
            }
        }
        let shape = TypeShape(
            name: name, summary: summary, schema: read.schema, attributes: attributes ?? [:],
            nestedComputed: read.nestedComputed,
            errors: ErrorReader.read(&section, settings).before(apiErrors),
            hidesResponses: read.schema.attributes.contains(where: \.isSensitive))
        self.shape = shape
        return shape
    }

    private func ownNames(_ schema: Schema) -> NameCheck {
        NameCheck(
            roots: [.own, .canonical, .intent], attributes: schema.attributes.map(\.name),
            variables: settings.variables, usage: settings.usage)
    }

    // MARK: - What is done with it: nil only if problems were found

    mutating func readData() -> DataDescription? {
        guard let shape = readShape(), let node = require("read") else { return nil }
        var reader = OperationReader(node, .read, of: name, ownNames(shape.schema), key: [])
        let read = reader.readReading()
        section.adopt(reader.problems)
        return read.map { DataDescription(shape: shape, read: $0) }
    }

    mutating func readResource(_ shapes: [String: TypeShape]) -> TypeDescription? {
        guard let given = shape else { return nil }
        let names = ownNames(given.schema)
        key = readKey(given.schema)
        let list = operation("list", .list, names) { $0.readList() }
        let batch = operation("batch", .batch, names.with(.batch)) { $0.readBatch() }
        let ownRead = operation("read", .read, names) { $0.readReading() }
        let ownLookup = operation("lookup", .lookup, names) { $0.readReading() }
        if section.node["read"] == nil, section.node["list"] == nil { require("read") }
        require("create")
        require("delete")
        let create = operation("create", .create, names) { $0.readChange() }
        let update = operation("update", .update, names.with(.prior)) { $0.readChange() }
        let delete = operation("delete", .delete, names) { $0.readChange() }
        let replacements = readReplacements(given.schema, names)
        let scan = readScan(shapes, names, list)
        let exclusive = section.expression("exclusive", names)
        let usesETags = section.flag("etags") ?? false
        let importKey = section.attributes("import", among: given.schema.attributes.map(\.name))
        guard let read = ownRead ?? list?.reading, let create, let delete else { return nil }
        let needs = TypeReader.needs(of: read, given.schema)
        let lookup = ownLookup ?? lookup(by: read, needs, list)
        // Names may be twice; what the server tells resources apart by is not.
        let identity = ownRead == nil ? [] : needs.filter { given.schema[$0]?.isComputed == true }
        let canUpdate = section.node["update"] != nil
        let schema = given.schema.replacing(always: !canUpdate)
        var type = TypeDescription(
            shape: given.with(schema), key: key, importKey: importKey ?? (lookup == nil ? needs : key), read: read,
            readNeeds: needs, lookup: lookup, list: list?.matching(identity, unless: section.node["list"]),
            batch: batch?.matching(identity, unless: section.node["batch"]), create: create, update: update,
            delete: delete, replacements: replacements, scan: scan, usesETags: usesETags, exclusive: exclusive)
        type.warnings = TypeReview(type, at: nameRange).warnings()
        section.adopt(Diagnostics(type.warnings))
        return type
    }

    /// The attributes without which a resource cannot be read, in the schema's order.
    private static func needs(of read: ReadOperation, _ schema: Schema) -> [String] {
        var names = OwnNames()
        for step in read.steps { names.add(step.request) }
        if let items = read.items { for name in items.match { names.insert(name) } }
        // What a spec may leave out, the request can do without.
        return schema.attributes.filter { names.names.contains($0.name) && ($0.isComputed || $0.presence == .required) }
            .map(\.name)
    }

    /// Reading serves where the key is all that it needs, and otherwise a list.
    private func lookup(by read: ReadOperation, _ needs: [String], _ list: ListOperation?) -> ReadOperation? {
        if needs.allSatisfy(key.contains) { return read }
        guard let list else { return nil }
        var names = OwnNames()
        names.add(list.request)
        return names.names.allSatisfy(key.contains) ? list.reading(matching: key) : nil
    }

    @discardableResult
    private mutating func require(_ key: String) -> SpecificationNode? {
        if let node = section.node[key] { return node }
        guard section.node.mapping != nil else { return nil }
        section.report(
            "Missing key", "\(section.what) must say how to \(key): \"\(key):\" is missing.", at: nameRange)
        return nil
    }

    private mutating func operation<Result>(
        _ key: String, _ purpose: RequestReader.Purpose, _ names: NameCheck,
        _ read: (inout OperationReader) -> Result?
    ) -> Result? {
        guard let node = section.node[key] else { return nil }
        var reader = OperationReader(node, purpose, of: name, names, key: self.key)
        let result = read(&reader)
        section.adopt(reader.problems)
        return result
    }

    private mutating func readKey(_ schema: Schema) -> [String] {
        guard let node = section.node["key"] else {
            guard section.node.mapping != nil else { return [] }
            section.report(
                "Missing key",
                "the type \(name) must have \"key\": the attributes that tell one resource from another, as in "
                    + "key: [name]; or key: [] where there is only one.", at: nameRange)
            return []
        }
        guard node.sequence?.isEmpty != true else { return [] }
        let key = section.texts("key")
        for part in key where schema[part.text]?.isSettable != true {
            let advice =
                schema[part.text] == nil
                ? Suggestion.didYouMean(part.text, among: schema.attributes.map(\.name))
                : " Ids that the server gives go into \"import\": import: [\(part.text)]."
            section.report(
                "Invalid key", "\"\(part.text)\" is no attribute of \(name) that a spec can give.\(advice)",
                at: part.range)
        }
        return key.map(\.text)
    }

    private mutating func readReplacements(_ schema: Schema, _ names: NameCheck) -> [ReplacementRule] {
        guard let node = section.node["replace_on"] else { return [] }
        guard let nodes = node.sequence else {
            section.report("Wrong kind of value", "replace_on of \(name) must be a list of paths.", at: node.range)
            return []
        }
        return nodes.compactMap { node in
            if let scalar = node.scalar, scalar.isString {
                return pattern(scalar.text, schema, at: node.range).map { ReplacementRule(pattern: $0, condition: nil) }
            }
            var rule = SectionReader(node, "an entry of replace_on of \(name)", keys: ["path", "when"])
            let path = rule.requiredText("path")
            let condition = rule.condition("when", names.with(.prior))
            section.adopt(rule.problems)
            guard !path.isEmpty, let pattern = pattern(path, schema, at: rule.node["path"]?.range ?? node.range) else {
                return nil
            }
            return ReplacementRule(pattern: pattern, condition: condition)
        }
    }

    private mutating func pattern(_ text: String, _ schema: Schema, at range: SourceRange) -> AttributePattern? {
        guard let pattern = AttributePattern(parsing: text), schema[pattern.attribute] != nil else {
            let known = schema.attributes.map(\.name)
            section.report(
                "Unknown name",
                "replace_on of \(name): \"\(text)\" is no path into its attributes."
                    + Suggestion.didYouMean(AttributePattern(parsing: text)?.attribute ?? text, among: known), at: range
            )
            return nil
        }
        return pattern
    }

    private mutating func readScan(
        _ shapes: [String: TypeShape], _ names: NameCheck, _ list: ListOperation?
    ) -> ScanRule? {
        var used = OwnNames()
        if let list { used.add(list.request) }
        guard let node = section.node["scan"] else {
            return list != nil && used.names.isEmpty ? ScanRule(parent: nil, given: [], condition: nil) : nil
        }
        if node.scalar?.value.asBool == false { return nil }
        var scan = SectionReader(node, "scan of \(name)", keys: ["within", "set", "where"])
        defer { section.adopt(scan.problems) }
        guard list != nil else {
            scan.report("Missing key", "scan of \(name) needs \"list\", which is what it goes through.", at: nameRange)
            return nil
        }
        let parent = scan.text("within")
        if let parent, shapes[parent] == nil {
            scan.report(
                "Unknown name",
                "scan of \(name): there is no type \"\(parent)\"." + Suggestion.didYouMean(parent, among: shapes.keys),
                at: scan.node["within"]?.range ?? node.range)
        }
        let outer = parent.flatMap { shapes[$0]?.schema.attributes.map(\.name) } ?? []
        let inner = parent == nil ? names : names.within(parent: outer)
        let given = scan.fields("set", inner, among: names.attributes)
        let missing = used.names.subtracting(given.map(\.name)).sorted()
        if !missing.isEmpty, node.mapping != nil {
            scan.report(
                "Missing key",
                "scan of \(name): its list needs \(missing.joined(separator: ", ")), so \"set\" must say where "
                    + "\(missing.count == 1 ? "it comes" : "they come") from, as in set: {\(missing[0]): \"${parent.name}\"}.",
                at: node.range.firstLine)
        }
        return ScanRule(parent: parent, given: given, condition: scan.condition("where", inner.with(.live)))
    }
}

extension ItemRule {
    /// By these attributes, unless there are none or an operation's node says by which.
    fileprivate func matching(_ match: [String], unless node: SpecificationNode?) -> ItemRule {
        match.isEmpty || node?["match"] != nil ? self : ItemRule(items: items, page: page, match: match)
    }
}

extension BatchOperation {
    fileprivate func matching(_ match: [String], unless node: SpecificationNode?) -> BatchOperation {
        BatchOperation(request: request, items: items.matching(match, unless: node), size: size)
    }
}

extension ListOperation {
    fileprivate func matching(_ match: [String], unless node: SpecificationNode?) -> ListOperation {
        ListOperation(request: request, items: items.matching(match, unless: node), isPartial: isPartial)
    }

    /// Finding one resource among all.
    var reading: ReadOperation { reading(matching: items.match) }

    func reading(matching match: [String]) -> ReadOperation {
        let step = RequestStep(request: request, name: nil, isOptional: false, wait: nil)
        return ReadOperation(
            steps: [step], live: nil, items: ItemRule(items: items.items, page: items.page, match: match))
    }
}

extension TypeShape {
    func with(_ schema: Schema) -> TypeShape {
        TypeShape(
            name: name, summary: summary, schema: schema, attributes: attributes,
            nestedComputed: nestedComputed, errors: errors, hidesResponses: hidesResponses)
    }
}

extension Schema {
    /// Where a type cannot be updated, each attribute a spec gives forces replacement.
    fileprivate func replacing(always: Bool) -> Schema {
        guard always else { return self }
        return Schema(
            attributes.map {
                AttributeSchema(
                    $0.name, $0.type, $0.presence, default: $0.defaultValue, forcesReplacement: $0.isSettable,
                    sensitive: $0.isSensitive, writeOnly: $0.isWriteOnly, filledInside: $0.isFilledInside,
                    volatile: $0.isVolatile,
                    normalisation: $0.normalisation, $0.summary)
            })
    }
}
