/// The entries of a map or object, always in the order of their keys' UTF-8 bytes: compact, and the same each time.
public struct ValueMap: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let key: String
        public var value: Value
    }

    private var entries: [Entry]

    public init() { entries = [] }

    /// Of two entries with one key the later one stays.
    public init(_ pairs: some Sequence<(String, Value)>) {
        self.init(entries: pairs.map { Entry(key: $0.0, value: $0.1) })
    }

    /// In any order; of two entries with one key the later one stays.
    init(entries given: [Entry]) {
        entries = given
        guard zip(entries, entries.dropFirst()).contains(where: { !ValueMap.precedes($0.key, $1.key) }) else { return }
        // Swift's sort is stable in practice but not by promise: the index breaks ties.
        let ordered = entries.enumerated().sorted { left, right in
            if left.element.key == right.element.key { return left.offset < right.offset }
            return ValueMap.precedes(left.element.key, right.element.key)
        }
        entries = []
        entries.reserveCapacity(ordered.count)
        for (_, entry) in ordered {
            if entries.last?.key == entry.key { entries[entries.count - 1] = entry } else { entries.append(entry) }
        }
    }

    public var keys: [String] { entries.map(\.key) }
    public var values: [Value] { entries.map(\.value) }

    public subscript(key: String) -> Value? {
        get {
            let index = index(of: key)
            return index < entries.count && entries[index].key == key ? entries[index].value : nil
        }
        set {
            let index = index(of: key)
            let found = index < entries.count && entries[index].key == key
            switch (newValue, found) {
            case (let value?, true): entries[index].value = value
            case (let value?, false): entries.insert(Entry(key: key, value: value), at: index)
            case (nil, true): entries.remove(at: index)
            case (nil, false): break
            }
        }
    }

    public func mapValues<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> ValueMap {
        var copy = self
        for index in copy.entries.indices { copy.entries[index].value = try transform(copy.entries[index].value) }
        return copy
    }

    public func filter(_ isIncluded: (Entry) -> Bool) -> ValueMap {
        var copy = ValueMap()
        copy.entries = entries.filter(isIncluded)
        return copy
    }

    /// Entries of `other` win.
    public func merging(_ other: ValueMap) -> ValueMap {
        other.isEmpty ? self : isEmpty ? other : ValueMap((entries + other.entries).map { ($0.key, $0.value) })
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// The place of the key, or the place where it belongs.
    private func index(of key: String) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if ValueMap.precedes(entries[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension ValueMap: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { entries.count }
    public subscript(position: Int) -> Entry { entries[position] }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements.map { ($0.0, $0.1) }) }
}
