import PlumbModel

/// An attribute of a type that is being drafted.
struct AttributeDraft {
    enum Presence { case required, optional, optionalComputed, computed }

    let name: String
    var shape: SchemaShape
    var presence: Presence
    var defaultValue: Value?
    var forcesReplacement = false
    var isSensitive = false
    var isVolatile = false
    var isWriteOnly = false
    var summary = ""
    /// The expression for `attributes:`; nil where the server's field has the attribute's name.
    var expression: String?
    var guess: String?

    /// The lines of the schema.
    var entries: [YAMLDraft.Entry] {
        var entries = TypeWords.entries(shape, isComputed: presence == .computed)
        if presence == .required { entries.append(.init("required", .flag(true))) }
        if presence == .optionalComputed { entries.append(.init("optional", .flag(true))) }
        if presence == .computed || presence == .optionalComputed { entries.append(.init("computed", .flag(true))) }
        if let defaultValue, let draft = TypeWords.draft(of: defaultValue) {
            entries.append(.init("default", draft))
        }
        if forcesReplacement { entries.append(.init("forces_replacement", .flag(true))) }
        if isSensitive { entries.append(.init("sensitive", .flag(true))) }
        if isVolatile { entries.append(.init("volatile", .flag(true))) }
        if isWriteOnly { entries.append(.init("write_only", .flag(true))) }
        if isSettable { entries += TypeWords.normalisation(shape) }
        if !summary.isEmpty { entries.append(.init("summary", .text(summary))) }
        return entries
    }

    var isSettable: Bool { presence != .computed }

    /// Whether its name is one of sets, and nothing says so already.
    var isUnorderedByName: Bool {
        guard shape.element?.isScalar == true, !shape.rules.contains("unordered") else { return false }
        let name = Naming.snake(name)
        let sets: Set<String> = [
            "tags", "labels", "scopes", "roles", "permissions", "groups", "members", "features", "capabilities",
            "topics",
        ]
        return sets.contains(name) || name.hasSuffix("_ids")
    }
}

/// Says in the words of an API file what type a shape is.
enum TypeWords {
    /// The length of a type in one line; what is longer is told apart in lines of its own, or taken as `any`.
    private static let longestLine = 160
    private static let deepest = 3
    /// The properties of an object within an object that are told apart.
    private static let widest = 100

    /// `type`, with `attributes` or `elements` where it has parts that are worth telling apart.
    ///
    /// - Parameter around: the names of the schemas that it stands in: what contains itself is told once.
    static func entries(
        _ shape: SchemaShape, isComputed: Bool, depth: Int = 0, around: Set<String> = []
    ) -> [YAMLDraft.Entry] {
        let name = shape.name ?? shape.element?.name
        if let name, around.contains(name) { return [.init("type", .text("any"))] }
        let around = name.map { around.union([$0]) } ?? around
        if !isComputed, depth < deepest, depth < 2 || shape.properties.count < widest {
            switch shape.kind {
            case .object(let properties):
                return [
                    .init("type", .text("object")),
                    .init("attributes", .map(attributes(properties, depth + 1, around)), isOpen: depth == 0),
                ]
            case .list(let element) where !element.properties.isEmpty:
                return [
                    .init("type", .text("list")),
                    .init("elements", .map(elements(element, depth + 1, around))),
                ]
            case .map(let element) where !element.properties.isEmpty:
                return [
                    .init("type", .text("map")),
                    .init("elements", .map(elements(element, depth + 1, around))),
                ]
            default: break
            }
        }
        return [.init("type", .text(line(shape)))]
    }

    /// Servers write some things in their own way: times, decimals, sets.
    static func normalisation(_ shape: SchemaShape) -> [YAMLDraft.Entry] {
        let within = shape.element.map { $0.isScalar ? $0.rules : [] } ?? []
        let rules = within + shape.rules.filter { !within.contains($0) }
        return rules.isEmpty ? [] : [.init("normalise", .list(rules.map(YAMLDraft.text)))]
    }

    private static func elements(_ shape: SchemaShape, _ depth: Int, _ around: Set<String>) -> [YAMLDraft.Entry] {
        // Its name is that of what holds it, which has been looked at.
        var shape = shape
        shape.name = nil
        return entries(shape, isComputed: false, depth: depth, around: around)
    }

    private static func attributes(
        _ properties: [SchemaShape.Property], _ depth: Int, _ around: Set<String>
    ) -> [YAMLDraft.Entry] {
        var known = Set<String>()
        return properties.filter { !($0.shape.isDeprecated && !$0.isRequired) && known.insert($0.name).inserted }
            .map { property in
                let shape = property.shape
                var entries = entries(shape, isComputed: shape.isReadOnly, depth: depth, around: around)
                if shape.isReadOnly {
                    entries.append(.init("computed", .flag(true)))
                } else if property.isRequired {
                    entries.append(.init("required", .flag(true)))
                } else {
                    // The server may fill in what the spec leaves out.
                    entries += [.init("optional", .flag(true)), .init("computed", .flag(true))]
                }
                if !shape.isReadOnly { entries += normalisation(shape) }
                if AttributeTraits.isSensitive(property.name, shape) { entries.append(.init("sensitive", .flag(true))) }
                let summary = SentenceMaker.summary(shape)
                if !summary.isEmpty { entries.append(.init("summary", .text(summary))) }
                return YAMLDraft.Entry(property.name, .map(entries))
            }
    }

    /// In one line: `list(object({a = optional(string)}))`. All parts are optional: a server may leave them out.
    static func line(_ shape: SchemaShape) -> String {
        let text = words(shape, depth: 0) ?? "any"
        return text.utf8.count <= longestLine ? text : "any"
    }

    /// Nil where nothing is known, so that whatever is around it should be `any` too.
    private static func words(_ shape: SchemaShape, depth: Int) -> String? {
        guard depth < deepest else { return nil }
        switch shape.kind {
        case .any: return nil
        case .string: return "string"
        case .number: return "number"
        case .bool: return "bool"
        case .list(let element): return words(element, depth: depth + 1).map { "list(\($0))" }
        case .map(let element): return words(element, depth: depth + 1).map { "map(\($0))" }
        case .object(let properties):
            var known = Set<String>()
            let parts = properties.filter { known.insert($0.name).inserted }.map { property in
                let name = Naming.attribute(property.name) == property.name ? property.name : "\"\(property.name)\""
                return "\(name) = optional(\(words(property.shape, depth: depth + 1) ?? "any"))"
            }
            guard !properties.contains(where: { $0.name.contains("\"") || $0.name.contains("\\") }) else { return nil }
            return "object({\(parts.joined(separator: ", "))})"
        }
    }

    /// Nil for what is no scalar, and holds anything.
    static func draft(of value: Value) -> YAMLDraft? {
        if let text = value.asString { return .text(text) }
        if let flag = value.asBool { return .flag(flag) }
        if let number = value.asNumber { return .plain(number.description) }
        if value.asMap?.isEmpty == true { return .map([]) }
        return value.asList?.isEmpty == true ? .list([]) : nil
    }
}
