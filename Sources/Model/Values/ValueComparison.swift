extension Value {
    /// Whether both hold the same content; marks do not count, nor whether a sequence is a tuple or a list, or a
    /// mapping an object or a map.
    public func isSame(as other: Value) -> Bool {
        switch (kind, other.kind) {
        case (.list(let left, let leftKind), .list(let right, let rightKind)):
            return (leftKind == .set) == (rightKind == .set) && left.count == right.count
                && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.map(let left, _), .map(let right, _)):
            return left.count == right.count
                && zip(left, right).allSatisfy { $0.key == $1.key && $0.value.isSame(as: $1.value) }
        case (.string(let left), .string(let right)): return left == right
        case (.unknown, .unknown): return true
        default: return kind == other.kind
        }
    }

    /// The same content with the marks of `other` added wherever both have the same shape.
    public func marked(like other: Value) -> Value {
        guard other.containsSensitive else { return self }
        if other.isSensitive { return sensitive() }
        switch (kind, other.kind) {
        case (.list(let elements, let sequencing), .list(let others, _)):
            guard elements.count == others.count, sequencing != .set else { return sensitive() }
            return Value(
                .list(zip(elements, others).map { $0.marked(like: $1) }, sequencing), isSensitive: isSensitive)
        case (.map(let map, let mapping), .map(let others, _)):
            let marked = ValueMap(map.map { ($0.key, others[$0.key].map($0.value.marked(like:)) ?? $0.value) })
            return Value(.map(marked, mapping), isSensitive: isSensitive)
        default: return sensitive()
        }
    }

    /// Whether something in it is sensitive that is not in `other`, a value of the same shape.
    public func isMarkedBeyond(_ other: Value) -> Bool {
        if other.isSensitive || !containsSensitive { return false }
        if isSensitive { return true }
        switch (kind, other.kind) {
        case (.list(let elements, _), .list(let others, _)) where elements.count == others.count:
            return zip(elements, others).contains { $0.isMarkedBeyond($1) }
        case (.map(let map, _), .map(let others, _)):
            return map.contains { entry in
                others[entry.key].map(entry.value.isMarkedBeyond) ?? entry.value.containsSensitive
            }
        default: return true
        }
    }

    /// The planned value with its unknowns taken from what is known now; nil where both no longer have one shape.
    ///
    /// - Parameter keepingNulls: what is unknown stays so where `actual` has nothing, because it is the provider's to give.
    public func filled(from actual: Value, keepingNulls: Bool = false) -> Value? {
        switch (kind, actual.kind) {
        case (.unknown, .null) where keepingNulls: return self
        case (.unknown, _): return actual.sensitive(isSensitive)
        case (.list(let planned, let sequencing), .list(let others, _)):
            if sequencing == .set, !isWhollyKnown { return actual.sensitive(isSensitive) }
            guard planned.count == others.count else { return nil }
            var elements: [Value] = []
            for (one, other) in zip(planned, others) {
                guard let filled = one.filled(from: other, keepingNulls: keepingNulls) else { return nil }
                elements.append(filled)
            }
            return Value(.list(elements, sequencing), isSensitive: isSensitive)
        case (.map(let planned, let mapping), .map(let others, _)):
            guard planned.count == others.count else { return nil }
            var entries: [(String, Value)] = []
            for (one, other) in zip(planned, others) {
                guard one.key == other.key, let filled = one.value.filled(from: other.value, keepingNulls: keepingNulls)
                else { return nil }
                entries.append((one.key, filled))
            }
            return Value(.map(ValueMap(entries), mapping), isSensitive: isSensitive)
        default: return self
        }
    }
}

extension Schema {
    /// A provider's answer as the engine keeps it: attributes of their types where they fit, secrets marked by the schema
    /// and like the values that were asked for; what is copied or derived from a secret is marked too.
    public func marked(_ values: Value, like other: Value?) -> Value {
        markingSecretParts(markedByAttributes(takingWriteOnly(of: values, from: other), like: other))
    }

    private func markedByAttributes(_ values: Value, like other: Value?) -> Value {
        // Most resources hold no secret, and need no copy.
        guard hasSecrets || other?.containsSensitive == true || values.containsSensitive, let map = values.asMap else {
            return values
        }
        var result = map.mapValues { $0 }
        for attribute in attributes where attribute.isSensitive && !attribute.isWriteOnly {
            if let value = result[attribute.name], !value.isNull { result[attribute.name] = value.sensitive() }
        }
        guard let other, other.containsSensitive else { return .object(markingDerived(result)) }
        let copies = SecretCopies(of: other)
        for attribute in attributes where attribute.isComputed && !attribute.isSettable {
            if let value = result[attribute.name] { result[attribute.name] = copies.marked(value) }
        }
        let whole = Value.object(result).marked(like: withoutUnknownMirrors(other))
        guard let map = whole.asMap, !whole.isSensitive else { return whole }
        return .object(markingDerived(markingCopies(map)))
    }

    /// The mark of an attribute that was unknown was for the whole of what it mirrors; now its own parts can be told apart.
    private func withoutUnknownMirrors(_ values: Value) -> Value {
        guard var map = values.asMap, !values.isSensitive else { return values }
        for attribute in attributes where attribute.mirroredAttribute != nil {
            if map[attribute.name]?.isUnknown == true { map[attribute.name] = nil }
        }
        return .object(map)
    }

    /// What a provider gives back of a secret input under another name (`output` of `data_value`) is as secret.
    private func markingCopies(_ values: ValueMap) -> ValueMap {
        var map = values
        let secrets = attributes.compactMap { attribute in
            attribute.isSettable ? map[attribute.name].flatMap { $0.containsSensitive && !$0.isNull ? $0 : nil } : nil
        }
        for attribute in attributes where !attribute.isSettable {
            guard let value = map[attribute.name] else { continue }
            if value.isUnknown {
                let isSecret = attribute.mirroredAttribute.flatMap { map[$0] }?.containsSensitive ?? false
                map[attribute.name] = value.sensitive(isSecret)
            } else if let secret = secrets.first(where: { $0.isSame(as: value) }) {
                map[attribute.name] = value.marked(like: secret)
            }
        }
        return map
    }

    /// What a provider makes of a secret input (its digest, a name that contains it) is as secret, and so is what is not
    /// known yet.
    private func markingDerived(_ values: ValueMap) -> ValueMap {
        guard !derivedAttributes.isEmpty else { return values }
        var map = values
        for attribute in derivedAttributes {
            guard let value = map[attribute.name], !value.isNull, !value.isSensitive,
                attribute.derivedFrom.contains(where: { map[$0]?.containsSensitive == true })
            else { continue }
            map[attribute.name] = value.sensitive()
        }
        return map
    }
}
