/// Paths into a value, with `[*]` for every key or index: `tags["owner"]`, `ports[*].name`.
public struct AttributePattern: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
        /// Every entry of a mapping, every element of a list.
        case any
    }

    /// Not empty; the first is a key.
    public let steps: [Step]

    /// Nil where the text is no path.
    public init?(parsing text: String) {
        var steps: [Step] = []
        for (number, piece) in text.split(separator: "[*]", omittingEmptySubsequences: false).enumerated() {
            if number > 0 { steps.append(.any) }
            guard let path = AttributePath(parsing: String(piece)) else { return nil }
            steps += path.steps.map { step in
                switch step {
                case .key(let key): .key(key)
                case .index(let index): .index(index)
                }
            }
        }
        // `spec.` may be written, as it stands in the spec.
        if steps.first == .key("spec"), steps.count > 1 { steps.removeFirst() }
        guard case .key? = steps.first else { return nil }
        self.steps = steps
    }

    /// Nil unless there are steps, and the first is a key.
    init?(steps: [Step]) {
        guard case .key? = steps.first else { return nil }
        self.steps = steps
    }

    public var attribute: String { if case .key(let name)? = steps.first { name } else { "" } }
}

extension Value {
    /// The value with all that matches the pattern as it is in `other`: what `other` has there is taken over, what it
    /// has not is taken out. Where one of the two has nothing to match, nothing changes.
    public func taking(_ pattern: AttributePattern, from other: Value) -> Value {
        taking(pattern.steps[...], from: other)
    }

    private func taking(_ steps: ArraySlice<AttributePattern.Step>, from other: Value) -> Value {
        guard let step = steps.first else { return other }
        let rest = steps.dropFirst()
        switch step {
        case .key(let key): return taking(key, rest, from: other)
        case .index(let index):
            guard case .list(var mine, let sequencing) = kind, let others = other.asList, mine.indices.contains(index),
                others.indices.contains(index)
            else { return self }
            mine[index] = mine[index].taking(rest, from: others[index])
            return Value(.list(mine, sequencing), isSensitive: isSensitive)
        case .any: return takingAll(rest, from: other)
        }
    }

    private func taking(_ key: String, _ rest: ArraySlice<AttributePattern.Step>, from other: Value) -> Value {
        guard let others = other.asMap else {
            // Nothing there at all: so nothing of it is declared either.
            guard other.isNull, rest.isEmpty, case .map(var map, let mapping) = kind, map[key] != nil else {
                return self
            }
            map[key] = nil
            return Value(.map(map, mapping), isSensitive: isSensitive)
        }
        var map: ValueMap
        let mapping: Value.Mapping
        switch kind {
        case .map(let own, let ownMapping): (map, mapping) = (own, ownMapping)
        case .null where rest.isEmpty && others[key] != nil:
            guard case .map(_, let otherMapping) = other.kind else { return self }
            (map, mapping) = (ValueMap(), otherMapping)
        default: return self
        }
        if rest.isEmpty {
            map[key] = others[key]
        } else if let inner = map[key], let live = others[key] {
            map[key] = inner.taking(rest, from: live)
        }
        return Value(.map(map, mapping), isSensitive: isSensitive)
    }

    private func takingAll(_ rest: ArraySlice<AttributePattern.Step>, from other: Value) -> Value {
        if rest.isEmpty { return other }
        switch (kind, other.kind) {
        case (.map(var map, let mapping), .map(let others, _)):
            for entry in others { if let own = map[entry.key] { map[entry.key] = own.taking(rest, from: entry.value) } }
            return Value(.map(map, mapping), isSensitive: isSensitive)
        case (.list(var mine, let sequencing), .list(let others, _)):
            for index in mine.indices where others.indices.contains(index) {
                mine[index] = mine[index].taking(rest, from: others[index])
            }
            return Value(.list(mine, sequencing), isSensitive: isSensitive)
        default: return self
        }
    }
}

extension AttributePattern: CustomStringConvertible {
    public var description: String {
        var text = ""
        for step in steps {
            let piece =
                switch step {
                case .key(let key): AttributePath([.key(key)]).description
                case .index(let index): "[\(index)]"
                case .any: "[*]"
                }
            text += text.isEmpty || piece.hasPrefix("[") ? piece : "." + piece
        }
        return text
    }
}
