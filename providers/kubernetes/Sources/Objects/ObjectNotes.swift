import PlumbModel
import ProviderAPI

/// What is recorded of an object beside its values: where it really is, and which one it was.
struct ObjectNotes: Sendable {
    /// Nil for kinds that have none.
    let namespace: String?
    let uid: String?
    /// Whether a person's tool owns fields of the manifest.
    var isShared = false

    init(namespace: String?, uid: String?) {
        self.namespace = namespace
        self.uid = uid
    }

    init(_ privateData: String?) {
        let value = privateData.flatMap { try? Value(json: $0) } ?? .null
        namespace = value[key: "namespace"]?.asString
        uid = value[key: "uid"]?.asString
        isShared = value[key: "shared"]?.asBool ?? false
    }

    /// Of a stored object.
    init(of stored: Value) {
        namespace = stored[key: "metadata"]?[key: "namespace"]?.asString
        uid = stored[key: "metadata"]?[key: "uid"]?.asString
    }

    var text: String {
        var map = ValueMap()
        map["namespace"] = namespace.map(Value.string)
        map["uid"] = uid.map(Value.string)
        if isShared { map["shared"] = true }
        return Value.object(map).json
    }
}
