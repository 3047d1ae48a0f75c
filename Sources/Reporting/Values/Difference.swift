import PlumbModel

/// One place at which two versions of a resource's values differ.
struct Difference {
    enum Kind {
        case added(Value)
        case removed(Value)
        case changed(Value, Value)
        /// Both are secret, or one is: neither is shown.
        case secretChanged(isWriteOnly: Bool)
        /// The value stays; only its mark comes or goes.
        case marked(isSensitive: Bool)
    }

    /// The path as people read it: `labels.app`, `jsondecode(policy).Version`, `cidrs[]` for an element of a set.
    let label: String
    let kind: Kind
    /// The change at this place is what makes the provider replace the resource.
    let forcesReplacement: Bool
}

/// All that differs between two versions of a resource's values, path by path.
struct Differences {
    private(set) var all: [Difference] = []
    /// Attributes that are set and stay as they are.
    private(set) var unchangedCount = 0
    private let replacePaths: [AttributePath]
    private var steps: [AttributePath.Step] = []

    init(from before: Value, to after: Value, replacePaths: [AttributePath] = []) {
        self.replacePaths = replacePaths
        guard !before.isSensitive, !after.isSensitive, let old = before.asMap, let new = after.asMap else {
            compare(before, after, label: "all values")
            return
        }
        Differences.eachKey(old, new) { key, left, right in
            let found = all.count
            compare(left, right, key: key, label: Differences.label("", key))
            if all.count == found, !left.isNull { unchangedCount += 1 }
        }
    }

    /// For reports in which it says nothing how much has stayed.
    mutating func forgetUnchanged() { unchangedCount = 0 }

    private mutating func compare(_ before: Value, _ after: Value, key: String, label: String) {
        steps.append(.key(key))
        compare(before, after, label: label)
        steps.removeLast()
    }

    private mutating func compare(_ before: Value, _ after: Value, label: String) {
        if before == after { return }
        if before.isSensitive || after.isSensitive { return compareSecret(before, after, label: label) }
        switch (before.kind, after.kind) {
        case (.null, _): add(label, .added(after))
        case (_, .null): add(label, .removed(before))
        case (.map(let old, _), .map(let new, _)): compareMaps(old, new, label: label)
        case (.list(let old, let sequencing), .list(let new, _)):
            if Differences.isShort(before), Differences.isShort(after), before.deeplyUnmarked != after.deeplyUnmarked {
                if !Differences.isSame(before, after) { add(label, .changed(before, after)) }
            } else {
                compareLists(old, new, isSet: sequencing == .set, label: label)
            }
        case (.string(let old), .string(let new)):
            if let (old, new) = EmbeddedDocument.pair(old, new) {
                compare(old, new, label: "jsondecode(\(label))")
            } else {
                add(label, .changed(before, after))
            }
        default: add(label, .changed(before, after))
        }
    }

    private mutating func compareSecret(_ before: Value, _ after: Value, label: String) {
        switch (before.isNull, after.isNull) {
        case (true, true): break
        case (true, false): add(label, .added(after))
        case (false, true): add(label, .removed(before))
        case (false, false):
            if !Differences.isSame(before, after) {
                add(label, .secretChanged(isWriteOnly: before.isFingerprint || after.isFingerprint))
            } else if before.isSensitive != after.isSensitive {
                add(label, .marked(isSensitive: after.isSensitive))
            }
        }
    }

    private mutating func compareMaps(_ old: ValueMap, _ new: ValueMap, label: String) {
        Differences.eachKey(old, new) { key, left, right in
            compare(left, right, key: key, label: Differences.label(label, key))
        }
    }

    private mutating func compareLists(_ old: [Value], _ new: [Value], isSet: Bool, label: String) {
        var removed: [Int] = []
        var inserted: [Int] = []
        for edit in EditScript.edits(from: old.map(\.deeplyUnmarked), to: new.map(\.deeplyUnmarked)) {
            switch edit {
            case .remove(let index): removed.append(index)
            case .insert(let index): inserted.append(index)
            case .keep(let left, let right):
                comparePairs(old, new, removed, inserted, isSet: isSet, label: label)
                removed = []
                inserted = []
                compareElement(old[left], new[right], right, isSet: isSet, label: label)
            }
        }
        comparePairs(old, new, removed, inserted, isSet: isSet, label: label)
    }

    /// What stands in place of what is compared with it; in sets nothing has a place.
    private mutating func comparePairs(
        _ old: [Value], _ new: [Value], _ removed: [Int], _ inserted: [Int], isSet: Bool, label: String
    ) {
        let pairs = isSet ? [:] : Differences.pair(old, new, removed, inserted)
        let paired = Set(pairs.values)
        for index in removed where !paired.contains(index) {
            compareElement(old[index], .null, index, isSet: isSet, label: label)
        }
        for index in inserted {
            let before = pairs[index].map { old[$0] } ?? .null
            compareElement(before, new[index], index, isSet: isSet, label: label)
        }
    }

    /// Which new element (key) takes the place of which old one (value): the one of the same name, where elements have
    /// names; else the next one.
    private static func pair(
        _ old: [Value], _ new: [Value], _ removed: [Int], _ inserted: [Int]
    ) -> [Int: Int] {
        guard !removed.isEmpty, !inserted.isEmpty else { return [:] }
        let named = Dictionary(
            removed.compactMap { index in name(old[index]).map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        var pairs: [Int: Int] = [:]
        var taken: Set<Int> = []
        for index in inserted {
            guard let place = name(new[index]).flatMap({ named[$0] }), taken.insert(place).inserted else { continue }
            pairs[index] = place
        }
        if pairs.isEmpty {
            for (left, right) in zip(removed, inserted) { pairs[right] = left }
        }
        return pairs
    }

    /// What people call an element of a list of objects by.
    private static func name(_ element: Value) -> Value? {
        guard !element.isSensitive, let map = element.asMap else { return nil }
        let name = map["name"] ?? map["key"] ?? map["id"]
        return name.flatMap { $0.asString == nil || $0.isSensitive ? nil : $0 }
    }

    private mutating func compareElement(_ before: Value, _ after: Value, _ index: Int, isSet: Bool, label: String) {
        steps.append(.index(index))
        compare(before, after, label: isSet ? "\(label)[]" : "\(label)[\(index)]")
        steps.removeLast()
    }

    private mutating func add(_ label: String, _ kind: Difference.Kind) {
        let path = AttributePath(steps)
        let forces = replacePaths.contains { $0.contains(path) || path.contains($0) }
        all.append(Difference(label: label, kind: kind, forcesReplacement: forces))
    }

    private static func label(_ parent: String, _ key: String) -> String {
        let step = AttributePath(key).description
        return parent.isEmpty || step.hasPrefix("[") ? parent + step : "\(parent).\(step)"
    }

    /// Calls for each key of either, in the order of keys; what is absent is null.
    private static func eachKey(_ old: ValueMap, _ new: ValueMap, _ body: (String, Value, Value) -> Void) {
        var left = old[...]
        var right = new[...]
        while true {
            switch (left.first, right.first) {
            case (nil, nil): return
            case (let a?, let b?) where a.key == b.key:
                body(a.key, a.value, b.value)
                left = left.dropFirst()
                right = right.dropFirst()
            case (let a?, let b) where b.map({ a.key.utf8.lexicographicallyPrecedes($0.key.utf8) }) ?? true:
                body(a.key, a.value, .null)
                left = left.dropFirst()
            case (_, let b?):
                body(b.key, .null, b.value)
                right = right.dropFirst()
            case (_?, nil): return
            }
        }
    }

    /// A list of a few plain elements is read best as a whole: `["a", "b"] -> ["a"]`.
    private static func isShort(_ value: Value) -> Bool {
        guard let elements = value.asList, elements.count <= 8 else { return false }
        var bytes = 0
        for element in elements {
            if element.isSensitive { return false }
            switch element.kind {
            case .string(let text): bytes += text.utf8.count
            case .bool, .number, .null: bytes += 4
            case .map, .list, .unknown: return false
            }
        }
        return bytes <= 32
    }

    /// Whether they say the same, whatever their marks, and whether a sequence counts as a list or a tuple.
    static func isSame(_ left: Value, _ right: Value) -> Bool {
        switch (left.kind, right.kind) {
        case (.list(let a, _), .list(let b, _)): a.count == b.count && zip(a, b).allSatisfy(isSame)
        case (.map(let a, _), .map(let b, _)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
        default: left.kind == right.kind
        }
    }
}

/// JSON documents inside of strings, such as policies: compared as values, not as text.
enum EmbeddedDocument {
    /// Beyond this many bytes a text is compared line by line.
    static let limit = 1 << 18

    /// Nil where either is no JSON object or array, or where they differ in writing only.
    static func pair(_ old: String, _ new: String) -> (Value, Value)? {
        guard let old = parse(old), let new = parse(new), old != new else { return nil }
        return (old, new)
    }

    private static func parse(_ text: String) -> Value? {
        guard let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            text.utf8.count <= limit, let value = try? Value(json: text)
        else { return nil }
        return value
    }
}
