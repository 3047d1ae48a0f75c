import PlumbModel

/// What a scalar may be as a key.
struct KeyScalar {
    /// An unquoted `<<`.
    var isMerge = false
    /// An alias nobody has anchored: told already.
    var isUnknown = false
    /// Where the key is written, if it stands there as an alias.
    var keyRange: SourceRange?
}

/// A mapping or list that is being read.
struct CollectionFrame {
    private enum Pending {
        case none
        case key(String, SourceRange)
        case merge(SourceRange)
        /// A key that has been refused: its value is read and forgotten.
        case refused
    }

    let isMapping: Bool
    let isFlow: Bool
    let start: Int
    let anchor: String?
    private(set) var weight = 1
    private(set) var height = 1
    /// Where the last thing in it ends.
    private(set) var lastEnd: Int
    private var nodes: [SpecificationNode] = []
    private var entries: [SpecificationNode.Entry] = []
    private var merges: [(node: SpecificationNode, key: SourceRange)] = []
    private var pending = Pending.none

    init(isMapping: Bool, isFlow: Bool, start: Int, anchor: String?) {
        self.isMapping = isMapping
        self.isFlow = isFlow
        self.start = start
        self.anchor = anchor
        lastEnd = start
    }

    mutating func note(end: Int) { lastEnd = max(lastEnd, end) }

    /// Takes the next element, key or value; says what is wrong with it.
    mutating func add(_ built: YAMLTreeBuilder.Built, scalar: KeyScalar?) -> Diagnostic? {
        weight += built.weight
        height = max(height, built.height + 1)
        // What an alias stands for ends elsewhere; its own end has been noted.
        if built.node.range.start >= start { note(end: built.node.range.end) }
        guard isMapping else {
            nodes.append(built.node)
            return nil
        }
        switch pending {
        case .none: return take(key: built.node, scalar)
        case .key(let key, let range):
            entries.append(SpecificationNode.Entry(key: key, keyRange: range, value: built.node))
        case .merge(let range): merges.append((built.node, range))
        case .refused: break
        }
        pending = .none
        return nil
    }

    private mutating func take(key node: SpecificationNode, _ scalar: KeyScalar?) -> Diagnostic? {
        let range = scalar?.keyRange ?? node.range
        guard let scalar, let text = node.scalar else {
            pending = .refused
            return KeyProblem.collection(node, isFlow: isFlow)
        }
        if scalar.isMerge {
            pending = .merge(range)
            return nil
        }
        pending = .key(text.text, range)
        return text.isString || scalar.isUnknown ? nil : KeyProblem.notString(text, at: range)
    }

    func node(at range: SourceRange, problems: inout Diagnostics) -> SpecificationNode {
        guard isMapping else { return SpecificationNode(.sequence(nodes), at: range) }
        let unique = CollectionFrame.withoutDuplicates(entries, problems: &problems)
        let merged = merges.isEmpty ? unique : merging(unique, problems: &problems)
        return SpecificationNode(.mapping(merged), at: range)
    }

    private static func withoutDuplicates(
        _ entries: [SpecificationNode.Entry], problems: inout Diagnostics
    ) -> [SpecificationNode.Entry] {
        guard hasDuplicates(entries) else { return entries }
        var first: [String: SourceRange] = [:]
        return entries.filter { entry in
            guard let earlier = first.updateValue(entry.keyRange, forKey: entry.key) else { return true }
            first[entry.key] = earlier
            problems.append(KeyProblem.duplicate(entry, first: earlier))
            return false
        }
    }

    private static func hasDuplicates(_ entries: [SpecificationNode.Entry]) -> Bool {
        guard entries.count > 12 else {
            for (index, entry) in entries.enumerated() {
                for other in entries[..<index] where other.key == entry.key { return true }
            }
            return false
        }
        var seen = Set<String>(minimumCapacity: entries.count)
        return !entries.allSatisfy { seen.insert($0.key).inserted }
    }

    private func merging(
        _ own: [SpecificationNode.Entry], problems: inout Diagnostics
    ) -> [SpecificationNode.Entry] {
        var entries = own
        var known = Set(own.map(\.key))
        for (index, merge) in merges.enumerated() {
            if index > 0 {
                problems.append(KeyProblem.secondMerge(at: merge.key, first: merges[0].key))
                break
            }
            for source in merge.node.sequence ?? [merge.node] {
                guard let mapping = source.mapping else {
                    problems.append(KeyProblem.mergeOfNoMapping(source, key: merge.key))
                    continue
                }
                for entry in mapping where known.insert(entry.key).inserted { entries.append(entry) }
            }
        }
        return entries
    }
}
