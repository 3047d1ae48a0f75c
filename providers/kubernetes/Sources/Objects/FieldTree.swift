import PlumbModel

/// A set of fields as `managedFields` writes it (`FieldsV1`): which fields somebody owns, and how lists are told apart.
struct FieldTree: Sendable {
    /// `f:name`
    private(set) var fields: [String: FieldTree] = [:]
    /// `k:{"name":"app"}`: items of a list that are told apart by these keys.
    private(set) var items: [(keys: ValueMap, tree: FieldTree)] = []
    /// `v:"text"`: members of a list that is a set.
    private(set) var members: [Value] = []

    init() {}

    init(_ fieldsV1: Value) {
        for entry in fieldsV1.asMap ?? ValueMap() {
            if entry.key.hasPrefix("f:") {
                fields[String(entry.key.dropFirst(2))] = FieldTree(entry.value)
            } else if entry.key.hasPrefix("k:"), let keys = (try? Value(json: String(entry.key.dropFirst(2))))?.asMap {
                items.append((keys, FieldTree(entry.value)))
            } else if entry.key.hasPrefix("v:"), let member = try? Value(json: String(entry.key.dropFirst(2))) {
                members.append(member)
            }
        }
    }

    /// Whether it owns a value as a whole: a scalar, or a list or mapping that is not merged.
    var isLeaf: Bool { fields.isEmpty && items.isEmpty && members.isEmpty }
    var isEmpty: Bool { isLeaf }

    mutating func form(union other: FieldTree) {
        for (name, tree) in other.fields { fields[name, default: FieldTree()].form(union: tree) }
        for (keys, tree) in other.items {
            if let index = items.firstIndex(where: { $0.keys == keys }) {
                items[index].tree.form(union: tree)
            } else {
                items.append((keys, tree))
            }
        }
        for member in other.members where !members.contains(member) { members.append(member) }
    }

    /// Whether it owns what the server calls `.spec.template.spec.containers[name="app"].image`, or a part of it.
    func owns(_ field: String) -> Bool { paths("").contains { $0 == field || $0.hasPrefix(field + ".") } }

    /// What it owns at a place and below it; nil where it owns nothing there.
    func part(at steps: ArraySlice<AttributePath.Step>) -> FieldTree? {
        guard let first = steps.first, !isLeaf else { return self }
        guard case .key(let key) = first else { return nil }
        return fields[key]?.part(at: steps.dropFirst())
    }

    /// Whether it owns something that stands in a value.
    func touches(_ value: Value) -> Bool {
        if value.isNull { return false }
        if isLeaf { return true }
        return fields.contains { name, tree in value[key: name].map(tree.touches) ?? false }
            || items.contains { keys, tree in
                value.asList?.contains { item in
                    keys.allSatisfy { item[key: $0.key].map($0.value.isSame) ?? false } && tree.touches(item)
                } ?? false
            } || members.contains { value.asList?.contains($0) ?? false }
    }

    private func paths(_ prefix: String) -> [String] {
        if isLeaf { return [prefix] }
        return fields.flatMap { $0.value.paths("\(prefix).\($0.key)") }
            + items.flatMap { item in
                let keys = item.keys.map { "\($0.key)=\($0.value.json)" }.joined(separator: ",")
                return item.tree.paths("\(prefix)[\(keys)]")
            }
            + members.map { "\(prefix)[=\($0.json)]" }
    }
}

/// One entry of `managedFields`: who wrote which fields, and when.
struct FieldManager: Sendable {
    let name: String
    /// `Apply` or `Update`.
    let operation: String
    let subresource: String
    let time: String?
    let fields: FieldTree

    static func all(of object: Value) -> [FieldManager] {
        (object[key: "metadata"]?[key: "managedFields"]?.asList ?? []).map { entry in
            FieldManager(
                name: entry[key: "manager"]?.asString ?? "", operation: entry[key: "operation"]?.asString ?? "",
                subresource: entry[key: "subresource"]?.asString ?? "", time: entry[key: "time"]?.asString,
                fields: FieldTree(entry[key: "fieldsV1"] ?? .null))
        }
    }

    /// Who has written an object, its status and such aside.
    static func names(in object: Value) -> Set<String> {
        let entries = object[key: "metadata"]?[key: "managedFields"]?.asList ?? []
        return Set(
            entries.filter { ($0[key: "subresource"]?.asString ?? "").isEmpty }.compactMap {
                $0[key: "manager"]?.asString
            })
    }

    /// Plumbline's name as a field manager.
    static let own = "plumbline"

    /// Whether it is what Plumbline has applied.
    var isOwn: Bool { name == FieldManager.own && operation == "Apply" && subresource.isEmpty }
}
