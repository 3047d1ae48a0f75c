import PlumbModel

/// Looks at a stored object through the eyes of its manifest: at the fields that it declares, in the way it writes them.
///
/// What the server writes otherwise than declared (`1000m` as `1`, an image that a webhook has replaced) is known from
/// when it was applied, and is no difference as long as it stays like that.
struct ObjectProjection {
    /// By the path of a declared field: what the server has stored instead; null where it stores nothing.
    private(set) var replaced: [String: Value]
    private let isCollecting: Bool

    /// For comparing with what is stored now.
    init(replaced: Value) {
        self.replaced = Dictionary(
            (replaced.asMap ?? ValueMap()).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        isCollecting = false
    }

    private init() {
        replaced = [:]
        isCollecting = true
    }

    /// What the server stores otherwise than declared: null where there is nothing of the kind.
    static func replaced(in stored: Value, of declared: Value) -> Value {
        var projection = ObjectProjection()
        _ = projection.project(declared, stored)
        guard !projection.replaced.isEmpty else { return .null }
        return .object(ValueMap(projection.replaced.map { ($0.key, $0.value) }))
    }

    /// The declared fields as they are stored now: a field that is stored as it was applied stands as it was declared.
    mutating func project(_ declared: Value, _ stored: Value) -> Value {
        var shape = FieldTree()
        for manager in FieldManager.all(of: stored) { shape.form(union: manager.fields) }
        var entries: [(String, Value)] = []
        for entry in declared.asMap ?? ValueMap() {
            let path = AttributePath(entry.key)
            switch entry.key {
            case "status": entries.append((entry.key, entry.value))
            case "metadata": entries.append((entry.key, metadata(entry.value, stored, shape.fields["metadata"])))
            case "stringData" where Manifest.isSecret(declared):
                entries.append((entry.key, texts(entry.value, stored)))
            default:
                let found = value(entry.value, stored[key: entry.key], shape.fields[entry.key], path)
                if let found { entries.append((entry.key, found)) }
            }
        }
        return .object(ValueMap(entries))
    }

    private mutating func metadata(_ declared: Value, _ stored: Value, _ shape: FieldTree?) -> Value {
        let live = stored[key: "metadata"] ?? .null
        var entries: [(String, Value)] = []
        for entry in declared.asMap ?? ValueMap() {
            if Manifest.serverMetadata.contains(entry.key) {
                entries.append((entry.key, entry.value))
                continue
            }
            let path = AttributePath([.key("metadata"), .key(entry.key)])
            let found = value(entry.value, live[key: entry.key], shape?.fields[entry.key], path)
            if let found { entries.append((entry.key, found)) }
        }
        return .object(ValueMap(entries))
    }

    private func texts(_ declared: Value, _ stored: Value) -> Value {
        let data = stored[key: "data"] ?? .null
        return .object(
            ValueMap(
                (declared.asMap ?? ValueMap()).compactMap { entry in
                    guard let live = data[key: entry.key] else { return nil }
                    return (entry.key, live == Manifest.encoded(entry.value) ? entry.value : Manifest.decoded(live))
                }))
    }

    // MARK: - Fields

    /// Nil where nothing is stored.
    private mutating func value(
        _ declared: Value, _ stored: Value?, _ shape: FieldTree?, _ path: AttributePath
    ) -> Value? {
        if declared.isNull { return declared }
        guard let stored, !stored.isNull else { return leaf(declared, .null, path) }
        switch (declared.kind, stored.kind) {
        case (.map(let map, let mapping), .map) where !isAtomic(shape, map):
            var entries: [(String, Value)] = []
            for entry in map {
                let found = value(
                    entry.value, stored[key: entry.key], shape?.fields[entry.key], path.appending(.key(entry.key)))
                if let found { entries.append((entry.key, found)) }
            }
            return Value(.map(ValueMap(entries), mapping))
        case (.list(let elements, let sequencing), .list(let others, _)):
            if let items = ListMatching(shape, elements)?.items(of: elements, in: others) {
                var found: [Value] = []
                for (index, element) in elements.enumerated() {
                    let tree = items[index].tree
                    let step = path.appending(.index(index))
                    if let one = value(element, items[index].stored, tree, step) { found.append(one) }
                }
                return Value(.list(found, sequencing))
            }
            if let shape, !shape.members.isEmpty {
                return Value(.list(elements.filter(others.contains), sequencing))
            }
            return leaf(declared, stored, path)
        default: return leaf(declared, stored, path)
        }
    }

    /// A mapping that somebody owns as a whole, though there is something in it.
    private func isAtomic(_ shape: FieldTree?, _ declared: ValueMap) -> Bool { shape?.isLeaf == true }

    private mutating func leaf(_ declared: Value, _ stored: Value, _ path: AttributePath) -> Value? {
        if declared.isSame(as: stored) || (declared.isEmptyOrNull && stored.isEmptyOrNull) { return declared }
        // What is told is every other way of writing; what counts is what it means.
        if isCollecting {
            replaced[path.description] = stored
            return declared
        }
        let equivalence = Equivalence(at: path)
        if equivalence.holds(declared, stored) { return declared }
        if let expected = replaced[path.description], equivalence.holds(expected, stored) { return declared }
        return stored.isNull ? nil : stored
    }
}

/// Which items of two lists are the same, where a list is a map by some of its items' fields.
struct ListMatching {
    private let keyed: [(keys: ValueMap, tree: FieldTree)]

    /// Nil where the list is no such map: told by who owns what in it, and where nobody does, by its items having names.
    init?(_ shape: FieldTree?, _ declared: [Value]) {
        if let shape {
            guard !shape.items.isEmpty else { return nil }
            keyed = shape.items
        } else {
            let names = declared.compactMap { $0[key: "name"] }
            guard !declared.isEmpty, names.count == declared.count, Set(names).count == names.count else { return nil }
            keyed = names.map { (["name": $0], FieldTree()) }
        }
    }

    /// For each declared item the stored one; nil where there is none.
    func items(of declared: [Value], in stored: [Value]) -> [(stored: Value?, tree: FieldTree?)] {
        var taken = [Bool](repeating: false, count: stored.count)
        var result = [(stored: Value?, tree: FieldTree?)](repeating: (nil, nil), count: declared.count)
        let names = keyed.first?.keys.keys ?? []
        // An item that leaves a key to its default takes what the others, which give all of them, have left.
        for isComplete in [true, false] {
            for (index, item) in declared.enumerated() {
                let given = names.compactMap { name in item[key: name].map { (name, $0) } }
                guard (given.count == names.count) == isComplete, !given.isEmpty else { continue }
                let place = stored.indices.first { place in
                    !taken[place] && given.allSatisfy { stored[place][key: $0.0]?.isSame(as: $0.1) == true }
                }
                guard let place else { continue }
                taken[place] = true
                let tree = keyed.first { entry in
                    entry.keys.allSatisfy { stored[place][key: $0.key]?.isSame(as: $0.value) == true }
                }
                result[index] = (stored[place], tree.map(\.tree).flatMap { $0.isEmpty ? nil : $0 })
            }
        }
        return result
    }
}
