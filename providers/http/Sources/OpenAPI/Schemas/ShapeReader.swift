import PlumbModel

/// Reads schemas of OpenAPI 3.0, 3.1 and Swagger 2 into shapes.
///
/// A schema may contain itself, or grow without end through others: what is deeper than `maximumDepth` objects is any
/// value. So each schema has few shapes, one for each depth, and none is made twice. What would still be too large a tree
/// to walk through is told apart no further, and what all of it costs is bounded by `allowance`.
final class ShapeReader {
    /// Objects inside each other that are told apart.
    static let maximumDepth = 5
    /// The references and compositions that one shape may be made of.
    private static let maximumParts = 64
    private static let maximumProperties = 1000
    /// Of one shape; nobody reads a description of so many parts.
    private static let maximumWeight = 5000

    private struct Key: Hashable {
        let node: ObjectIdentifier
        let depth: Int
    }

    let documents: DocumentSet
    let allowance = ReadingAllowance()
    private var shapes: [Key: SchemaShape] = [:]
    private var sentences: [ObjectIdentifier: String] = [:]

    init(_ documents: DocumentSet) { self.documents = documents }

    func shape(of node: DocumentNode?, depth: Int = 0) -> SchemaShape {
        guard let node else { return .any }
        allowance.spend(1, at: node)
        let key = Key(node: ObjectIdentifier(node), depth: depth)
        if let known = shapes[key] { return known }
        // A composition that leads back here finds this, and so an end.
        shapes[key] = .any
        var parts = ShapeReader.maximumParts
        let shape = read(node, depth, &parts).lightened(to: ShapeReader.maximumWeight)
        shapes[key] = shape
        return shape
    }

    /// A schema is described once, at whatever depth it stands.
    private func sentence(_ text: String, of node: DocumentNode) -> String {
        if let known = sentences[ObjectIdentifier(node)] { return known }
        let sentence = SentenceMaker.sentence(text)
        sentences[ObjectIdentifier(node)] = sentence
        return sentence
    }

    /// `parts` bounds how many schemas one shape is composed of.
    private func read(_ node: DocumentNode, _ depth: Int, _ parts: inout Int) -> SchemaShape {
        parts -= 1
        defer { allowance.leave() }
        guard allowance.enter(node), parts > 0 else { return .any }
        if let name = DocumentSet.name(of: node) {
            guard let target = documents.resolved(node), target !== node else { return .any }
            var shape = self.shape(of: target, depth: depth)
            shape.name = name
            return described(shape, by: node)
        }
        // `true` and `false` are schemas too.
        guard node.isObject else { return .any }
        var shape = SchemaShape(kind: ownKind(node, depth))
        for part in node["allOf"]?.elements ?? [] {
            shape = both(shape, read(part, depth, &parts), at: part)
        }
        for key in ["oneOf", "anyOf"] {
            let choices = (node[key]?.elements ?? []).map { ($0, read($0, depth, &parts)) }
            guard !choices.isEmpty else { continue }
            let isNullable = choices.contains { ShapeReader.isNull($0.0) }
            let real = choices.filter { !ShapeReader.isNull($0.0) }.map(\.1)
            allowance.spend(real.reduce(0) { $0 + $1.weight }, at: node)
            if let either = SchemaMerging.either(real) { shape = both(shape, either, at: node) }
            shape.isNullable = shape.isNullable || isNullable || real.contains(where: \.isNullable)
        }
        // Referred to in order to be described: `allOf: [{$ref: …}]` with a description beside it.
        if node["properties"] == nil, shape.name == nil, let only = node["allOf"]?.elements, only.count == 1 {
            shape.name = DocumentSet.name(of: only[0])
        }
        return described(shape, by: node)
    }

    private func both(_ left: SchemaShape, _ right: SchemaShape, at node: DocumentNode) -> SchemaShape {
        allowance.spend(left.weight + right.weight, at: node)
        return SchemaMerging.both(left, right).lightened(to: ShapeReader.maximumWeight)
    }

    private static func isNull(_ node: DocumentNode) -> Bool {
        node["type"]?.text == "null" || (node["enum"]?.elements.compactMap(\.scalar) ?? []) == [.null]
            || node["const"]?.scalar?.isNull == true
    }

    /// What the schema says beside its compositions.
    private func ownKind(_ node: DocumentNode, _ depth: Int) -> SchemaShape.Kind {
        let types = typeNames(node).filter { $0 != "null" }
        if types.count > 1 { return Set(types) == ["integer", "number"] ? .number : .any }
        switch types.first {
        case "string": return .string
        case "file": return .any
        case "integer", "number": return .number
        case "boolean": return .bool
        case "array": return list(node, depth)
        case "object": return object(node, depth)
        default: break
        }
        if node["properties"] != nil { return object(node, depth) }
        if node["items"] != nil { return list(node, depth) }
        if node["additionalProperties"]?.isObject == true { return object(node, depth) }
        let values = node["enum"]?.elements.compactMap(\.scalar) ?? node["const"]?.scalar.map { [$0] } ?? []
        return ShapeReader.kind(of: values.filter { !$0.isNull })
    }

    private static func kind(of values: [Value]) -> SchemaShape.Kind {
        guard !values.isEmpty else { return .any }
        if values.allSatisfy({ $0.asString != nil }) { return .string }
        if values.allSatisfy({ $0.asBool != nil }) { return .bool }
        return values.allSatisfy { $0.asNumber != nil } ? .number : .any
    }

    private func typeNames(_ node: DocumentNode) -> [String] {
        guard let type = node["type"] else { return [] }
        return type.text.map { [$0] } ?? type.elements.compactMap(\.text)
    }

    private func list(_ node: DocumentNode, _ depth: Int) -> SchemaShape.Kind {
        guard depth < ShapeReader.maximumDepth else { return .list(.any) }
        return .list(shape(of: node["items"], depth: depth + 1))
    }

    private func object(_ node: DocumentNode, _ depth: Int) -> SchemaShape.Kind {
        let properties = node["properties"]?.entries ?? []
        guard depth < ShapeReader.maximumDepth else { return .any }
        guard !properties.isEmpty else {
            guard let values = node["additionalProperties"], values.isObject, !values.entries.isEmpty else {
                return .any
            }
            return .map(shape(of: values, depth: depth + 1))
        }
        allowance.spend(properties.count + (node["required"]?.elements.count ?? 0), at: node)
        let required = Set((node["required"]?.elements ?? []).compactMap(\.text))
        return .object(
            properties.prefix(ShapeReader.maximumProperties).map { entry in
                SchemaShape.Property(
                    name: entry.key, shape: shape(of: entry.value, depth: depth + 1),
                    isRequired: required.contains(entry.key) || entry.value["required"]?.isTrue == true)
            })
    }

    /// What stands beside the kind; the nearer description wins over that of a component.
    private func described(_ shape: SchemaShape, by node: DocumentNode) -> SchemaShape {
        var shape = shape
        let types = typeNames(node)
        shape.isNullable =
            shape.isNullable || types.contains("null") || node["nullable"]?.isTrue == true
            || node["x-nullable"]?.isTrue == true
        shape.isReadOnly = shape.isReadOnly || node["readOnly"]?.isTrue == true
        shape.isWriteOnly = shape.isWriteOnly || node["writeOnly"]?.isTrue == true
        shape.isDeprecated = shape.isDeprecated || node["deprecated"]?.isTrue == true
        shape.isIdentity =
            shape.isIdentity || node["x-terraform-id"]?.isTrue == true || node["x-speakeasy-match"] != nil
            || node["x-plumb-id"]?.isTrue == true
        if let value = node["default"]?.simpleValue, !value.isNull { shape.defaultValue = value }
        allowance.spend(node["enum"]?.elements.count ?? 0, at: node)
        if let choices = node["enum"]?.elements.compactMap(\.scalar).filter({ !$0.isNull }), !choices.isEmpty {
            shape.choices = choices
        } else if let only = node["const"]?.scalar, !only.isNull {
            shape.choices = [only]
        }
        if let format = node["format"]?.text { shape.format = format }
        for rule in WritingRules.rules(of: node, shape) where !shape.rules.contains(rule) { shape.rules.append(rule) }
        if let text = node["description"]?.text, !text.isEmpty { shape.summary = sentence(text, of: node) }
        return shape
    }
}
