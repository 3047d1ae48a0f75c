internal import Expressions
internal import PlumbModel

/// Answers for resources while nothing is planned yet: what the schema says of their types, all of it unknown.
///
/// It notes which instances an expression asked for, which is how dependencies with computed keys are found.
final class StaticLookup: ResourceLookup {
    struct Request: Hashable {
        let resource: ResourceAddress
        /// Nil: all instances together.
        let key: InstanceKey?
    }

    /// Expanded; empty until they are.
    var declarations: [ResolvedResource] = []
    private let references: ReferenceIndex
    private(set) var requests: Set<Request> = []

    init(_ references: ReferenceIndex) {
        self.references = references
    }

    /// The requests since the last call.
    func takeRequests() -> Set<Request> {
        defer { requests.removeAll(keepingCapacity: true) }
        return requests
    }

    func value(
        of resource: ResourceAddress, key: InstanceKey?, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        requests.insert(Request(resource: resource, key: key))
        guard let index = references.declaration(at: resource), index < declarations.count else { return .unknown() }
        let declaration = declarations[index]
        let one = declaration.schema.unknownObject
        if let key {
            if case .deferred = declaration.expansion { return one }
            if case .single = declaration.expansion,
                let attribute = key.value.asString.flatMap({ declaration.schema[$0] })
            {
                return attribute.unread
            }
            guard declaration.node(for: key) != nil else {
                throw Diagnostics(
                    .error(
                        "Unknown instance", "\(resource)\(key) does not exist. \(declaration.instancesSentence)",
                        at: range))
            }
            return one
        }
        switch declaration.expansion {
        case .single: return one
        case .disabled: return .null
        case .counted: return .tuple(Array(repeating: one, count: declaration.instances.count))
        case .named(let offsets): return .object(ValueMap(offsets.keys.map { ($0, one) }))
        case .deferred: return .unknown()
        }
    }
}

extension Schema {
    /// A resource of which nothing is known but its type, and which of its attributes are secret.
    var unknownObject: Value {
        guard attributes.contains(where: \.isSensitive) else { return .unknown(objectType) }
        return .object(ValueMap(attributes.map { ($0.name, $0.unread) }))
    }
}

extension AttributeSchema {
    /// What an expression sees of it before anything is read: a write-only attribute is never anything but null.
    fileprivate var unread: Value { isWriteOnly ? .null : .unknown(type).sensitive(isSensitive) }
}
