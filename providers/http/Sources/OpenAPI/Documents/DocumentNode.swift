import PlumbModel

/// A piece of an OpenAPI document with its place. Entries keep the document's order, which is what people chose.
final class DocumentNode: Sendable {
    enum Content: Sendable {
        /// Null, a bool, a number or a string.
        case scalar(Value)
        case list([DocumentNode])
        case object([Entry])
    }

    struct Entry: Sendable {
        let key: String
        let value: DocumentNode
    }

    let content: Content
    let range: SourceRange
    /// Where many entries would have to be looked through; a document's schemas are asked for by name all the time.
    private let index: [String: Int]?

    init(_ content: Content, at range: SourceRange) {
        self.content = content
        self.range = range
        if case .object(let entries) = content, entries.count > 12 {
            index = Dictionary(entries.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        } else {
            index = nil
        }
    }

    var entries: [Entry] { if case .object(let entries) = content { entries } else { [] } }
    var elements: [DocumentNode] { if case .list(let elements) = content { elements } else { [] } }
    var scalar: Value? { if case .scalar(let value) = content { value } else { nil } }
    /// Nil for what is no string.
    var text: String? { scalar?.asString }
    var isTrue: Bool { scalar?.asBool == true }
    var isObject: Bool { if case .object = content { true } else { false } }

    subscript(key: String) -> DocumentNode? {
        guard case .object(let entries) = content else { return nil }
        if let index { return index[key].map { entries[$0].value } }
        return entries.first { $0.key == key }?.value
    }

    /// What stands at a path of keys.
    subscript(keys: [String]) -> DocumentNode? {
        keys.reduce(self as DocumentNode?) { node, key in node?[key] }
    }

    /// A scalar or an empty collection as a value of the language; nil for more, which aliases may make endless.
    var simpleValue: Value? {
        switch content {
        case .scalar(let value): value
        case .list(let elements): elements.isEmpty ? .tuple([]) : nil
        case .object(let entries): entries.isEmpty ? .object(ValueMap()) : nil
        }
    }
}
