import HTTPTransport
import PlumbModel

/// A kind without its version: what stays the same while versions come and go.
struct GroupKind: Hashable, Sendable, CustomStringConvertible {
    /// Empty for the core group.
    let group: String
    let kind: String

    /// `apps/Deployment`, `ConfigMap`.
    var description: String { group.isEmpty ? kind : "\(group)/\(kind)" }
}

/// A group and a version: `apps/v1`, `v1`.
struct GroupVersion: Hashable, Sendable, CustomStringConvertible {
    let group: String
    let version: String

    init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Nil where the text is no `apiVersion`.
    init?(_ apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains(""), parts.count <= 2 else { return nil }
        group = parts.count == 2 ? parts[0] : ""
        version = parts[parts.count - 1]
    }

    var description: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// Where its resources are.
    var path: String {
        group.isEmpty
            ? "/api/\(URLText.escaped(version))" : "/apis/\(URLText.escaped(group))/\(URLText.escaped(version))"
    }
}

/// How the server offers a kind in one version.
struct APIResource: Hashable, Sendable {
    let version: GroupVersion
    let kind: String
    /// In paths: `deployments`.
    let plural: String
    let isNamespaced: Bool
    let verbs: Set<String>
    /// `status`, `scale`.
    let subresources: Set<String>

    var groupKind: GroupKind { GroupKind(group: version.group, kind: kind) }

    /// Of all objects, or of those in one namespace.
    func path(namespace: String?) -> String {
        guard let namespace, isNamespaced else { return "\(version.path)/\(plural)" }
        return "\(version.path)/namespaces/\(URLText.escaped(namespace))/\(plural)"
    }

    func path(namespace: String?, name: String) -> String {
        "\(path(namespace: namespace))/\(URLText.escaped(name))"
    }
}
