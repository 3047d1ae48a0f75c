/// One node of a YAML document with its place: a scalar, a sequence or a mapping, aliases and merge keys resolved.
public struct SpecificationNode: Sendable {
    public enum Content: Sendable {
        case scalar(Scalar)
        case sequence([SpecificationNode])
        case mapping([Entry])
    }

    /// An entry of a mapping. Keys are strings; anything else has been refused by the loader.
    public struct Entry: Sendable {
        public let key: String
        public let keyRange: SourceRange
        public let value: SpecificationNode

        public init(key: String, keyRange: SourceRange, value: SpecificationNode) {
            self.key = key
            self.keyRange = keyRange
            self.value = value
        }
    }

    public let content: Content
    /// From the first to the last byte of the node, quotes included.
    public let range: SourceRange

    public init(_ content: Content, at range: SourceRange) {
        self.content = content
        self.range = range
    }

    public var scalar: Scalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
    public var sequence: [SpecificationNode]? { if case .sequence(let nodes) = content { nodes } else { nil } }
    public var mapping: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }

    public subscript(key: String) -> SpecificationNode? { mapping?.first { $0.key == key }?.value }

    /// What is written, as a value.
    public var plainValue: Value {
        switch content {
        case .scalar(let scalar): scalar.value
        case .sequence(let nodes): .tuple(nodes.map(\.plainValue))
        case .mapping(let entries): .object(ValueMap(entries.map { ($0.key, $0.value.plainValue) }))
        }
    }

    /// How many nodes it is made of, each counted as often as aliases repeat it.
    public var weight: Int {
        switch content {
        case .scalar: 1
        case .sequence(let nodes): nodes.reduce(1) { $0 + $1.weight }
        case .mapping(let entries): entries.reduce(1) { $0 + $1.value.weight }
        }
    }

    /// "a string", "a mapping", …: for diagnostics.
    public var phrase: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar):
            switch scalar.value.kind {
            case .null: "nothing"
            case .bool: "a bool"
            case .number: "a number"
            default: "a string"
            }
        }
    }

    /// The place of what stands at `path`, or of the nearest thing around it.
    ///
    /// - Parameter isKey: whether the key itself is meant where the path ends at one.
    public func range(at path: AttributePath, isKey: Bool) -> SourceRange {
        guard isKey, case .key(let key)? = path.steps.last else { return near(path) }
        let parent = AttributePath(Array(path.steps.dropLast()))
        guard let node = node(at: parent), let entry = node.mapping?.first(where: { $0.key == key }) else {
            return near(path)
        }
        return entry.keyRange
    }

    /// A mapping or list is shown by its first line.
    private func near(_ path: AttributePath) -> SourceRange {
        let found = range(at: path)
        return node(at: path)?.scalar == nil ? found.firstLine : found
    }

    private func node(at path: AttributePath) -> SpecificationNode? {
        var node = self
        for step in path.steps {
            switch (step, node.content) {
            case (.key(let key), .mapping):
                guard let next = node[key] else { return nil }
                node = next
            case (.index(let index), .sequence(let nodes)) where nodes.indices.contains(index): node = nodes[index]
            default: return nil
            }
        }
        return node
    }

    /// The place of what stands at `path`, or of the nearest node around it.
    public func range(at path: AttributePath) -> SourceRange {
        var node = self
        for step in path.steps {
            switch (step, node.content) {
            case (.key(let key), .mapping(let entries)):
                guard let next = entries.first(where: { $0.key == key }) else { return node.range }
                node = next.value
            case (.index(let index), .sequence(let nodes)) where nodes.indices.contains(index): node = nodes[index]
            default: return node.range
            }
        }
        return node.range
    }
}

/// A scalar of a YAML document: its text after unescaping, how it was written, and its core-schema value.
public struct Scalar: Sendable {
    public enum Style: UInt8, Sendable { case plain, singleQuoted, doubleQuoted, literal, folded }

    public let text: String
    public let style: Style
    /// Null, a bool, a number, or the text as a string. Sensitive where the file holds it encrypted: then the text does
    /// not stand at the node's place.
    public let value: Value

    public init(text: String, style: Style, value: Value) {
        self.text = text
        self.style = style
        self.value = value
    }

    /// Whether what stands in the file is not the text, but its encrypted form.
    public var isDecrypted: Bool { value.isSensitive }

    public var isString: Bool { value.asString != nil }
}
