import FoundationEssentials
import PlumbModel
import ProviderAPI

/// What a spec says an object is to be: its identity, and the form in which it is applied.
struct Manifest: Sendable {
    /// As declared.
    let value: Value
    let version: GroupVersion
    let kind: String
    let name: String
    /// As declared, in the manifest or for it; nil where the provider's setting or the context decides.
    let namespace: String?

    var groupKind: GroupKind { GroupKind(group: version.group, kind: kind) }
    var isSecret: Bool { Manifest.isSecret(value) }

    /// Of a resource's values; its attribute `namespace` is for manifests that name none.
    init?(of values: Value) throws(ProviderError) {
        let namespace = values[key: "namespace"] ?? .null
        if namespace.isUnknown { return nil }
        try self.init(values[key: "manifest"] ?? .null, namespace: namespace.asString)
    }

    /// Nil where its identity waits for other resources.
    ///
    /// - Parameter namespace: where the manifest names none.
    /// - Throws: what an object of Kubernetes cannot be without.
    init?(_ value: Value, namespace other: String? = nil) throws(ProviderError) {
        guard value.asMap != nil else {
            if value.isUnknown { return nil }
            throw ProviderError(
                .invalid,
                "`manifest` must be a mapping with `apiVersion`, `kind`, `metadata` and what belongs to the kind, but it is "
                    + "\(value.isNull ? "empty" : value.type.phrase).")
        }
        let metadata = value[key: "metadata"] ?? .null
        let parts = [
            value[key: "apiVersion"], value[key: "kind"], metadata, metadata[key: "name"], metadata[key: "namespace"],
        ]
        if parts.contains(where: { $0?.isUnknown == true }) { return nil }
        func text(_ value: Value?, _ key: String, _ example: String) throws(ProviderError) -> String {
            if let text = value?.asString, !text.isEmpty { return text }
            throw ProviderError(.invalid, "`manifest` needs `\(key)`, a string such as `\(example)`.")
        }
        let apiVersion = try text(value[key: "apiVersion"], "apiVersion", "apps/v1")
        kind = try text(value[key: "kind"], "kind", "Deployment")
        if metadata[key: "name"]?.asString == nil, let prefix = metadata[key: "generateName"]?.asString {
            throw ProviderError(
                .invalid,
                "`manifest.metadata.generateName` (\"\(prefix)\") lets the server make a new name each time, so the object "
                    + "could not be found again. Give `metadata.name`; `random_id` makes unique ones.")
        }
        name = try text(metadata[key: "name"], "metadata.name", "web")
        guard let version = GroupVersion(apiVersion) else {
            throw ProviderError(
                .invalid,
                "`manifest.apiVersion` is `GROUP/VERSION`, or `v1` for the core group, and not \"\(apiVersion)\".")
        }
        self.version = version
        let given = metadata[key: "namespace"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
        namespace = given ?? other.flatMap { $0.isEmpty ? nil : $0 }
        self.value = value
    }

    static func isSecret(_ manifest: Value) -> Bool {
        manifest[key: "kind"]?.asString == "Secret" && manifest[key: "apiVersion"]?.asString == "v1"
    }

    /// What only the server writes: manifests that were exported from a cluster carry it.
    static let serverMetadata: Set<String> = [
        "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields",
        "resourceVersion", "selfLink", "uid",
    ]

    /// The form that is applied: without nulls, without what only the server writes, with `stringData` as `data`.
    ///
    /// - Parameters:
    ///   - namespace: nil for kinds that have none.
    ///   - uid: of the object that must still be there.
    ///   - name: another name than its own, for a trial.
    func applied(namespace: String?, uid: String? = nil, name: String? = nil) -> Value {
        var map = (Manifest.withoutNulls(value) ?? .object(ValueMap())).asMap ?? ValueMap()
        map["status"] = nil
        var metadata = (map["metadata"]?.asMap ?? ValueMap()).filter { !Manifest.serverMetadata.contains($0.key) }
        metadata["namespace"] = namespace.map(Value.string)
        metadata["uid"] = uid.map(Value.string)
        metadata["name"] = .string(name ?? self.name)
        map["metadata"] = .object(metadata)
        // Of custom kinds nobody knows whether their ports have any.
        let hasPorts = ["", "apps", "batch"].contains(version.group)
        let object = hasPorts ? Manifest.withProtocols(.object(map)) : .object(map)
        return isSecret ? Manifest.withEncodedData(object) : object
    }

    /// Ports are told apart by their protocols too, and older servers do not know in time that it is TCP where none is said.
    private static func withProtocols(_ value: Value) -> Value {
        switch value.kind {
        case .map(let map, let mapping):
            let entries = map.map { entry in
                (entry.key, entry.key == "ports" ? withProtocol(entry.value) : withProtocols(entry.value))
            }
            return Value(.map(ValueMap(entries), mapping))
        case .list(let elements, let sequencing) where elements.contains { $0.asMap != nil || $0.asList != nil }:
            return Value(.list(elements.map(withProtocols), sequencing))
        default: return value
        }
    }

    private static func withProtocol(_ ports: Value) -> Value {
        guard let elements = ports.asList else { return ports }
        return .tuple(
            elements.map { port in
                guard var map = port.asMap, map["protocol"] == nil,
                    map["containerPort"]?.asInt != nil || map["port"]?.asInt != nil
                else { return port }
                map["protocol"] = "TCP"
                return .object(map)
            })
    }

    /// Whether it declares nothing but which object it is, so that its manager owns no field of it and is not named there.
    var declaresIdentityAlone: Bool {
        let map = applied(namespace: nil).asMap ?? ValueMap()
        let metadata = map["metadata"]?.asMap ?? ValueMap()
        return map.allSatisfy { ["apiVersion", "kind", "metadata"].contains($0.key) }
            && metadata.allSatisfy { $0.key == "name" }
    }

    /// Whether a stored object is what an apply of this manifest has made.
    func hasMade(_ stored: Value) -> Bool {
        declaresIdentityAlone || FieldManager.all(of: stored).contains(where: \.isOwn)
    }

    private static func withoutNulls(_ value: Value) -> Value? {
        switch value.kind {
        case .null: nil
        case .map(let map, let mapping):
            Value(
                .map(ValueMap(map.compactMap { entry in withoutNulls(entry.value).map { (entry.key, $0) } }), mapping))
        case .list(let elements, let sequencing): Value(.list(elements.compactMap(withoutNulls), sequencing))
        default: value
        }
    }

    /// `stringData` is for writing only: what is stored, and compared, is `data`.
    static func withEncodedData(_ secret: Value) -> Value {
        guard var map = secret.asMap, let texts = map["stringData"]?.asMap else { return secret }
        var data = map["data"]?.asMap ?? ValueMap()
        for entry in texts { data[entry.key] = encoded(entry.value) }
        map["stringData"] = nil
        map["data"] = .object(data)
        return .object(map)
    }

    static func encoded(_ text: Value) -> Value {
        guard let text = text.asString else { return text }
        return .string(Data(text.utf8).base64EncodedString())
    }

    /// The text that stands in `data`; the base64 itself where it is no text.
    static func decoded(_ data: Value) -> Value {
        guard let text = data.asString, let bytes = Data(base64Encoded: text),
            let decoded = String(validating: bytes, as: UTF8.self)
        else { return data }
        return .string(decoded)
    }
}

extension Value {
    /// All strings in it, at any depth.
    var texts: [String] {
        switch kind {
        case .string(let text): [text]
        case .list(let elements, _): elements.flatMap(\.texts)
        case .map(let map, _): map.values.flatMap(\.texts)
        default: []
        }
    }

    /// Absent, null, or a collection without anything in it: Kubernetes does not tell these apart.
    var isEmptyOrNull: Bool {
        switch kind {
        case .null: true
        case .list(let elements, _): elements.isEmpty
        case .map(let map, _): map.isEmpty
        default: false
        }
    }
}
