import PlumbModel

/// What a schema of an OpenAPI document admits, with its references followed and its compositions put together.
struct SchemaShape: Sendable {
    indirect enum Kind: Sendable {
        /// Anything: the schema says nothing, or says what the language's types cannot.
        case any
        case string
        case number
        case bool
        case list(SchemaShape)
        case map(SchemaShape)
        case object([Property])
    }

    struct Property: Sendable {
        let name: String
        var shape: SchemaShape
        var isRequired: Bool
    }

    var kind: Kind { didSet { weight = kind.weight } }
    /// How many shapes it is made of, itself counted: what it costs to walk through all of it.
    private(set) var weight: Int
    /// The name of the component that was referred to; what is described under one name is one thing.
    var name: String?
    var isNullable = false
    var isReadOnly = false
    var isWriteOnly = false
    var isDeprecated = false
    /// Marked by an extension as what tells one from another (`x-terraform-id`, `x-speakeasy-match`).
    var isIdentity = false
    var defaultValue: Value?
    var choices: [Value] = []
    var format: String?
    /// The rules of `normalise` by which a server's answer may differ from what it was sent.
    var rules: [String] = []
    /// Known from an example alone, which tells neither what is required nor what else there is.
    var isExample = false
    /// One sentence.
    var summary = ""

    static let any = SchemaShape(kind: .any)

    init(kind: Kind) {
        self.kind = kind
        weight = kind.weight
    }

    var properties: [Property] { if case .object(let properties) = kind { properties } else { [] } }
    var element: SchemaShape? { if case .list(let element) = kind { element } else { nil } }

    var isScalar: Bool {
        switch kind {
        case .string, .number, .bool: true
        case .any, .list, .map, .object: false
        }
    }

    /// Scalars, and what may be one.
    var mayBeText: Bool { if case .any = kind { true } else { isScalar } }

    subscript(name: String) -> SchemaShape? { properties.first { $0.name == name }?.shape }

    func isRequired(_ name: String) -> Bool { properties.first { $0.name == name }?.isRequired ?? false }

    /// The same with the heaviest of its properties taken as any value, until it is no heavier than `limit`.
    func lightened(to limit: Int) -> SchemaShape {
        guard weight > limit, case .object(var properties) = kind else { return weight > limit ? hollow : self }
        var left = weight
        for place in properties.indices.sorted(by: { properties[$0].shape.weight > properties[$1].shape.weight }) {
            guard left > limit else { break }
            left -= properties[place].shape.weight
            properties[place].shape = properties[place].shape.hollow
            left += properties[place].shape.weight
        }
        var shape = self
        shape.kind = .object(properties)
        return shape
    }

    /// The same without what is inside.
    private var hollow: SchemaShape {
        var shape = self
        switch kind {
        case .list: shape.kind = .list(.any)
        case .map, .object: shape.kind = .any
        case .any, .string, .number, .bool: break
        }
        return shape
    }
}

extension SchemaShape {
    /// The default as an API file can have it: of the schema's own type, a scalar or empty.
    var simpleDefault: Value? {
        guard let value = defaultValue else { return nil }
        return switch kind {
        case .string: value.asString.flatMap { $0.contains("${") || $0.contains("\n") ? nil : value }
        case .number: value.asNumber == nil ? nil : value
        case .bool: value.asBool == nil ? nil : value
        case .list: value.asList?.isEmpty == true ? value : nil
        case .map: value.asMap?.isEmpty == true ? value : nil
        case .any, .object: nil
        }
    }
}

extension SchemaShape.Kind {
    fileprivate var weight: Int {
        switch self {
        case .any, .string, .number, .bool: 1
        case .list(let element), .map(let element): 1 + element.weight
        case .object(let properties): properties.reduce(1) { $0 + $1.shape.weight }
        }
    }

    /// Whether a value of one can stand for a value of the other, looked at from outside.
    func isAlike(_ other: SchemaShape.Kind) -> Bool {
        switch (self, other) {
        case (.any, _), (_, .any), (.string, .string), (.number, .number), (.bool, .bool): true
        case (.list(let left), .list(let right)): left.kind.isAlike(right.kind)
        case (.map, .map), (.map, .object), (.object, .map), (.object, .object): true
        default: false
        }
    }
}
