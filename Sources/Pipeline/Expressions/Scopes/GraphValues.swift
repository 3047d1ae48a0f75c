public import PlumbModel

/// The values that a graph's instances have reached so far while a plan is made or applied.
///
/// Used by one task at a time. An instance's value is set before anything that waits for it is evaluated.
public final class GraphValues: ResourceLookup {
    private let graph: ResourceGraph
    private var values: [Value?]
    private var deferred: [Int: [InstanceKey?: Value]] = [:]
    private var wholes: [Int: Value] = [:]

    public init(_ graph: ResourceGraph) {
        self.graph = graph
        values = Array(repeating: nil, count: graph.nodes.count)
    }

    public func set(_ value: Value, node: Int) {
        values[node] = value.withoutFingerprints
        wholes[graph.nodes[node].declaration] = nil
    }

    /// Sets what stands at an address; one that the graph does not declare is passed over.
    public func set(_ value: Value, at address: ResourceAddress) {
        guard let index = graph.declaration(at: address.resource) else { return }
        let declaration = graph.declarations[index]
        switch declaration.expansion {
        case .deferred: set(value, key: address.key, deferred: index)
        case .single: if address.key == nil { set(value, node: declaration.instances.lowerBound) }
        default: if let node = address.key.flatMap(declaration.node(for:)) { set(value, node: node) }
        }
    }

    public func value(ofNode node: Int) -> Value? { values[node] }

    /// Sets all instances of a declaration that was expanded late.
    public func set(_ instances: [(key: InstanceKey?, value: Value)], deferred declaration: Int) {
        deferred[declaration] = Dictionary(
            instances.map { ($0.key, $0.value.withoutFingerprints) }, uniquingKeysWith: { _, later in later })
        wholes[declaration] = nil
    }

    /// Sets one instance of a declaration that was expanded late.
    public func set(_ value: Value, key: InstanceKey?, deferred declaration: Int) {
        deferred[declaration, default: [:]][key] = value.withoutFingerprints
        wholes[declaration] = nil
    }

    public func value(
        of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        guard let index = graph.declaration(at: resource) else {
            preconditionFailure("the resolver has accepted a reference to \(resource), which is not declared")
        }
        let declaration = graph.declarations[index]
        guard let key else { return whole(index) }
        switch declaration.expansion {
        case .deferred:
            if let found = deferred[index]?[key] { return found }
        case .single:
            if let attribute = key.value.asString, let schema = declaration.schema[attribute] {
                return whole(index)[key: attribute] ?? .unknown(schema.type)
            }
        default:
            if let node = declaration.node(for: key) {
                return values[node] ?? .unknown(declaration.schema.objectType)
            }
        }
        throw Diagnostics(
            .error(
                "Unknown instance", "\(declaration.address)\(key) does not exist. \(declaration.instancesSentence)",
                at: range))
    }

    private func whole(_ index: Int) -> Value {
        if let value = wholes[index] { return value }
        let declaration = graph.declarations[index]
        let value: Value
        switch declaration.expansion {
        case .disabled: value = .null
        case .single: value = values[declaration.instances.lowerBound] ?? .unknown(declaration.schema.objectType)
        case .counted: value = .tuple(declaration.instances.map { values[$0] ?? .unknown() })
        case .named:
            value = .object(
                ValueMap(
                    declaration.instances.map { node in
                        (graph.nodes[node].key?.value.asString ?? "", values[node] ?? .unknown())
                    }))
        case .deferred: value = lateWhole(index)
        }
        wholes[index] = value
        return value
    }

    private func lateWhole(_ index: Int) -> Value {
        let instances = deferred[index] ?? [:]
        let meta = graph.declarations[index].meta
        if meta.count != nil {
            return .tuple(
                instances.sorted { ($0.key?.value.asInt ?? 0) < ($1.key?.value.asInt ?? 0) }.map(\.value))
        }
        if meta.forEach != nil {
            return .object(ValueMap(instances.map { ($0.key?.value.asString ?? "", $0.value) }))
        }
        return instances[nil] ?? .null
    }
}

extension ResolvedResource {
    /// The node of an instance of this declaration; nil where there is none.
    public func node(for key: InstanceKey) -> Int? {
        switch (expansion, key) {
        case (.counted, .index(let index)) where index >= 0 && index < instances.count: instances.lowerBound + index
        case (.named(let offsets), .name(let name)): offsets[name].map { instances.lowerBound + $0 }
        default: nil
        }
    }

    /// The node that `address[key]` needs: an instance, or the one instance whose attribute the key names.
    public func node(askedFor key: InstanceKey) -> Int? {
        if case .single = expansion { instances.lowerBound } else { node(for: key) }
    }

    /// A sentence that tells which instances there are, for a diagnostic.
    public var instancesSentence: String {
        switch expansion {
        case .single: return "It has neither `for_each` nor `count`: write \(address) without a key."
        case .disabled: return "It is disabled."
        case .counted: return "Its `count` is \(instances.count)."
        case .deferred: return "Its instances come from values that other resources give."
        case .named(let offsets):
            if offsets.isEmpty { return "Its `for_each` is empty." }
            let names = offsets.keys.sorted().prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
            return "Its `for_each` has the keys \(names)\(offsets.count > 5 ? ", …" : "")."
        }
    }
}
