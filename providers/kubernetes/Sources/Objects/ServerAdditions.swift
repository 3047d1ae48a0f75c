import PlumbModel

/// What stands in a stored object besides its manifest: defaults, what webhooks and other managers have added.
struct ServerAdditions {
    private static let hidden: Set<String> = ["apiVersion", "kind", "status"]
    /// What the server chooses anew each time it is asked, so that a dry run's choice says nothing.
    private static let allocated: Set<String> = ["clusterIP", "clusterIPs", "healthCheckNodePort", "nodePort"]

    /// Whether the object is only tried, and does not exist yet.
    let isTrial: Bool

    /// Null where there is nothing.
    func find(in stored: Value, besides declared: Value) -> Value {
        let declared = Manifest.isSecret(declared) ? Manifest.withEncodedData(declared) : declared
        var entries: [(String, Value)] = []
        for entry in stored.asMap ?? ValueMap() where !Self.hidden.contains(entry.key) {
            var value = entry.value
            if entry.key == "metadata" {
                value = .object(
                    (value.asMap ?? ValueMap()).filter {
                        !Manifest.serverMetadata.contains($0.key) && $0.key != "name" && $0.key != "namespace"
                    })
            }
            if let found = additions(value, declared[key: entry.key]) { entries.append((entry.key, found)) }
        }
        return entries.isEmpty ? .null : .object(ValueMap(entries))
    }

    private func additions(_ stored: Value, _ declared: Value?) -> Value? {
        guard let declared, !declared.isNull else { return stored.isEmptyOrNull ? nil : trial(stored) }
        switch (stored.kind, declared.kind) {
        case (.map(let map, _), .map):
            let entries = map.compactMap { entry -> (String, Value)? in
                if isTrial, Self.allocated.contains(entry.key), declared[key: entry.key] == nil {
                    return (entry.key, .unknown(entry.value.type))
                }
                return additions(entry.value, declared[key: entry.key]).map { (entry.key, $0) }
            }
            return entries.isEmpty ? nil : .object(ValueMap(entries))
        case (.list(let elements, _), .list(let others, _)):
            return additions(elements, others)
        default: return nil
        }
    }

    private func additions(_ stored: [Value], _ declared: [Value]) -> Value? {
        guard stored.contains(where: { $0.asMap != nil }) else { return nil }
        var found: [Value] = []
        if let matching = ListMatching(nil, declared) {
            let items = matching.items(of: declared, in: stored).map(\.stored)
            for element in stored {
                let index = items.firstIndex { $0 == element }
                guard let more = additions(element, index.map { declared[$0] }) else { continue }
                found.append(named(more, element))
            }
        } else if stored.count == declared.count {
            for (element, other) in zip(stored, declared) {
                if let more = additions(element, other) { found.append(more) }
            }
        }
        return found.isEmpty ? nil : .tuple(found)
    }

    /// With what tells the item apart from others.
    private func named(_ additions: Value, _ item: Value) -> Value {
        guard var map = additions.asMap, map["name"] == nil, let name = item[key: "name"] else { return additions }
        map["name"] = name
        return .object(map)
    }

    private func trial(_ value: Value) -> Value {
        guard isTrial else { return value }
        switch value.kind {
        case .map(let map, let mapping):
            return Value(
                .map(
                    ValueMap(
                        map.map { entry in
                            let isAllocated = Self.allocated.contains(entry.key)
                            return (entry.key, isAllocated ? .unknown(entry.value.type) : trial(entry.value))
                        }), mapping))
        case .list(let elements, let sequencing): return Value(.list(elements.map(trial), sequencing))
        default: return value
        }
    }
}
