/// Finds what a `moved` or `removed` statement is about without looking at everything: a tree of modules, with resources
/// as its leaves.
public struct AddressIndex<Element: Hashable & Sendable>: Sendable {
    private struct Node {
        var elements: Set<Element> = []
        /// Indexes into `nodes`.
        var children: [AddressSet.Part.Name: [AddressSet.KeySet: Int]] = [:]
    }

    private var nodes = [Node()]

    public init() {}

    public mutating func insert(_ element: Element, at set: AddressSet) { insert(element, set.parts) }

    public mutating func insert(_ element: Element, at address: ResourceAddress) { insert(element, address.parts) }

    /// - Parameter address: the one at which it was inserted.
    public mutating func remove(_ element: Element, at address: ResourceAddress) {
        var node = 0
        for part in address.parts {
            guard let next = nodes[node].children[part.name]?[part.keys] else { return }
            node = next
        }
        nodes[node].elements.remove(element)
    }

    /// All that has addresses in common with the set.
    public func overlapping(_ set: AddressSet) -> Set<Element> { overlapping(set.parts) }

    /// All that contains the address.
    public func overlapping(_ address: ResourceAddress) -> Set<Element> { overlapping(address.parts) }

    private mutating func insert(_ element: Element, _ parts: [AddressSet.Part]) {
        var node = 0
        for part in parts {
            if let next = nodes[node].children[part.name]?[part.keys] {
                node = next
            } else {
                nodes[node].children[part.name, default: [:]][part.keys] = nodes.count
                node = nodes.count
                nodes.append(Node())
            }
        }
        nodes[node].elements.insert(element)
    }

    private func overlapping(_ parts: [AddressSet.Part]) -> Set<Element> {
        var found: Set<Element> = []
        var reached = [0]
        for part in parts {
            // A whole module around it.
            for node in reached { found.formUnion(nodes[node].elements) }
            reached = reached.flatMap { node -> [Int] in
                guard let children = nodes[node].children[part.name] else { return [] }
                return switch part.keys {
                case .any: Array(children.values)
                case .one: [children[part.keys], children[.any]].compactMap(\.self)
                }
            }
        }
        while let node = reached.popLast() {
            found.formUnion(nodes[node].elements)
            for children in nodes[node].children.values { reached += children.values }
        }
        return found
    }
}
