import PlumbModel

/// Puts shapes together: what is both of two (`allOf`), and what is one of several (`oneOf`, `anyOf`).
enum SchemaMerging {
    static func both(_ left: SchemaShape, _ right: SchemaShape) -> SchemaShape {
        var shape = left
        switch (left.kind, right.kind) {
        case (.any, _): shape.kind = right.kind
        case (_, .any): break
        case (.object(let ours), .object(let theirs)): shape.kind = .object(union(ours, theirs))
        case (.map, .object): shape.kind = right.kind
        default: break
        }
        shape.isNullable = left.isNullable || right.isNullable
        shape.isReadOnly = left.isReadOnly || right.isReadOnly
        shape.isWriteOnly = left.isWriteOnly || right.isWriteOnly
        shape.isDeprecated = left.isDeprecated || right.isDeprecated
        shape.isIdentity = left.isIdentity || right.isIdentity
        shape.defaultValue = left.defaultValue ?? right.defaultValue
        if left.choices.isEmpty { shape.choices = right.choices }
        shape.format = left.format ?? right.format
        shape.rules = unique(left.rules + right.rules)
        shape.isExample = left.isExample || right.isExample
        if left.summary.isEmpty { shape.summary = right.summary }
        return shape
    }

    /// Nil for none.
    static func either(_ shapes: [SchemaShape]) -> SchemaShape? {
        // "Or the empty text" is how some say that a value can be taken away.
        let telling = shapes.filter { $0.choices != [.string("")] }
        let shapes = telling.isEmpty ? shapes : telling
        guard var shape = shapes.first else { return nil }
        for other in shapes.dropFirst() {
            shape.choices = shape.choices.isEmpty || other.choices.isEmpty ? [] : unique(shape.choices + other.choices)
            switch (shape.kind, other.kind) {
            case (.object(let ours), .object(let theirs)):
                shape.kind = .object(union(ours, theirs, areAlternatives: true))
            case (.string, .string), (.number, .number), (.bool, .bool), (.map, .map): break
            case (.list(let ours), .list(let theirs)):
                shape.kind = .list(either([ours, theirs]) ?? .any)
            default: shape.kind = .any
            }
            shape.isReadOnly = shape.isReadOnly && other.isReadOnly
            shape.isWriteOnly = shape.isWriteOnly && other.isWriteOnly
            shape.isDeprecated = false
            if shape.format != other.format { shape.format = nil }
            shape.rules = unique(shape.rules + other.rules)
            if shape.name != other.name { shape.name = nil }
            if shape.summary != other.summary { shape.summary = "" }
            if shape.defaultValue != other.defaultValue { shape.defaultValue = nil }
        }
        return shape
    }

    private static func union(
        _ left: [SchemaShape.Property], _ right: [SchemaShape.Property], areAlternatives: Bool = false
    ) -> [SchemaShape.Property] {
        var result = left
        var index = Dictionary(left.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let added = Set(right.map(\.name))
        for property in right {
            guard let place = index[property.name] else {
                index[property.name] = result.count
                var property = property
                property.isRequired = property.isRequired && !areAlternatives
                result.append(property)
                continue
            }
            let old = result[place]
            result[place].shape =
                areAlternatives ? alternative(old.shape, property.shape) : both(property.shape, old.shape)
            result[place].isRequired =
                areAlternatives ? old.isRequired && property.isRequired : old.isRequired || property.isRequired
        }
        if areAlternatives {
            for place in result.indices where !added.contains(result[place].name) { result[place].isRequired = false }
        }
        return result
    }

    private static func alternative(_ left: SchemaShape, _ right: SchemaShape) -> SchemaShape {
        guard var shape = either([left, right]) else { return .any }
        shape.summary = left.summary.isEmpty ? right.summary : left.summary
        shape.isNullable = left.isNullable || right.isNullable
        return shape
    }

    private static func unique<Element: Hashable>(_ values: [Element]) -> [Element] {
        var seen = Set<Element>()
        return values.filter { seen.insert($0).inserted }
    }
}
