public import PlumbModel

/// Brings an evaluated `spec` into the shape of its schema: every attribute present, each of its type, secrets marked.
public struct SchemaConformer {
    /// What is recorded must come back: the state's form of a value is up to three times as deep.
    private static let maximumDepth = 64

    private let schema: Schema
    /// For the places of attributes in diagnostics.
    private let node: SpecificationNode?
    private let address: ResourceAddress
    private let range: SourceRange

    public init(schema: Schema, node: SpecificationNode?, address: ResourceAddress, range: SourceRange) {
        self.schema = schema
        self.node = node
        self.address = address
        self.range = range
    }

    /// - Returns: an object of all attributes of the schema; null where the spec gives nothing.
    /// - Throws: unknown, missing and ill-typed attributes, all of them.
    public func conform(_ declared: Value) throws(Diagnostics) -> Value {
        var diagnostics = Diagnostics()
        guard let map = map(of: declared, &diagnostics) else { throw diagnostics }
        var used = 0
        var attributes: [(String, Value)] = []
        attributes.reserveCapacity(schema.attributes.count)
        for attribute in schema.attributes {
            let given = map[attribute.name]
            if given != nil { used += 1 }
            let value = (given ?? .null).sensitive(declared.isSensitive)
            attributes.append((attribute.name, check(attribute, value, &diagnostics)))
        }
        if used < map.count { reportUnknown(map, &diagnostics) }
        try diagnostics.throwIfErrors()
        return schema.markingSecretParts(.object(ValueMap(attributes)))
    }

    private func map(of declared: Value, _ diagnostics: inout Diagnostics) -> ValueMap? {
        switch declared.kind {
        case .map(let map, _): return map
        case .null: return ValueMap()
        case .unknown:
            diagnostics.append(
                .error(
                    "Unknown spec",
                    "The whole `spec` comes from a value that is known only after apply. "
                        + "Write the attributes one by one; each of them may be unknown.",
                    address: address, at: node?.range ?? range))
        default:
            diagnostics.append(
                .error(
                    "Wrong type", "`spec` must be a mapping of attributes, but it is \(declared.type.phrase).",
                    address: address, at: node?.range ?? range))
        }
        return nil
    }

    private func check(_ attribute: AttributeSchema, _ value: Value, _ diagnostics: inout Diagnostics) -> Value {
        guard !value.isNull else {
            if attribute.presence == .required {
                diagnostics.append(
                    .error(
                        "Missing attribute",
                        "\(address.type) needs the attribute \"\(attribute.name)\" (\(attribute.type.phrase)).",
                        address: address, at: keyRange(attribute.name) ?? range))
            }
            return .null
        }
        guard attribute.isSettable else {
            diagnostics.append(
                .error(
                    "Attribute cannot be set",
                    "The provider alone decides \"\(attribute.name)\" of \(address.type). Remove it from `spec`.",
                    address: address, at: keyRange(attribute.name) ?? range))
            return .null
        }
        guard value.isNested(atMost: Self.maximumDepth) else {
            diagnostics.append(
                .error(
                    "Nested too deeply",
                    "The attribute \"\(attribute.name)\" holds lists or mappings inside each other more than "
                        + "\(Self.maximumDepth) deep.", address: address, at: keyRange(attribute.name) ?? range))
            return .null
        }
        do {
            let converted = try value.converted(to: attribute.type)
            return attribute.isSensitive ? converted.sensitive() : converted
        } catch {
            let path = AttributePath([.key(attribute.name)] + error.path.steps)
            diagnostics.append(
                .error(
                    "Wrong type", "The attribute \"\(path)\" of \(address.type): \(error.message).", address: address,
                    at: node?.range(at: path) ?? range))
            return .null
        }
    }

    private func reportUnknown(_ map: ValueMap, _ diagnostics: inout Diagnostics) {
        for entry in map where schema[entry.key] == nil {
            let names = schema.attributes.filter(\.isSettable).map(\.name)
            let hint = Suggestion.didYouMean(entry.key, among: names)
            diagnostics.append(
                .error(
                    "Unknown attribute",
                    "\(address.type) has no attribute \"\(entry.key)\"."
                        + (hint.isEmpty ? " It has: \(names.sorted().joined(separator: ", "))." : hint),
                    address: address, at: keyRange(entry.key) ?? range))
        }
    }

    private func keyRange(_ name: String) -> SourceRange? {
        node?.mapping?.first { $0.key == name }?.keyRange
    }
}

extension Value {
    /// Whether lists and mappings stand inside each other no deeper than `depth`.
    fileprivate func isNested(atMost depth: Int) -> Bool {
        switch kind {
        case .list(let elements, _): depth > 0 && elements.allSatisfy { $0.isNested(atMost: depth - 1) }
        case .map(let map, _): depth > 0 && map.values.allSatisfy { $0.isNested(atMost: depth - 1) }
        default: true
        }
    }
}
