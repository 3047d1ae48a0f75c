import PlumbModel

/// Finds which objects must be there before others: namespaces and definitions before what is in and of them, and what
/// pods, bindings and routes name before these.
struct ObjectPrecedence {
    private let manifests: [Value]
    /// By `Kind/namespace/name`.
    private var objects: [String: Int] = [:]
    private var namespaces: [String: Int] = [:]
    private var definitions: [GroupKind: Int] = [:]

    /// By index: the namespaces of manifests that name none.
    private let others: [String?]

    init(_ manifests: [Value], namespaces others: [String?] = []) {
        self.manifests = manifests
        self.others = others
        for (index, manifest) in manifests.enumerated() {
            guard let kind = manifest[key: "kind"]?.asString, let name = Self.name(manifest) else { continue }
            objects["\(kind)/\(Self.namespace(manifest))/\(name)"] = index
            // Whether the kind has namespaces is the server's to know: it is found under both.
            if let space = space(index) { objects["\(kind)/\(space)/\(name)"] = index }
            if kind == "Namespace" { namespaces[name] = index }
            if kind == "CustomResourceDefinition", let spec = manifest[key: "spec"],
                let group = spec[key: "group"]?.asString, let kind = spec[key: "names"]?[key: "kind"]?.asString
            {
                definitions[GroupKind(group: group, kind: kind)] = index
            }
        }
    }

    private static func name(_ manifest: Value) -> String? { manifest[key: "metadata"]?[key: "name"]?.asString }

    private static func namespace(_ manifest: Value) -> String {
        manifest[key: "metadata"]?[key: "namespace"]?.asString ?? ""
    }

    /// In or for the manifest; nil where it is left to the provider.
    private func space(_ index: Int) -> String? {
        let own = Self.namespace(manifests[index])
        return own.isEmpty ? (others.indices.contains(index) ? others[index] : nil) : own
    }

    func find() -> [(dependent: Int, dependency: Int)] {
        var pairs: [(dependent: Int, dependency: Int)] = []
        for (index, manifest) in manifests.enumerated() {
            guard let kind = manifest[key: "kind"]?.asString else { continue }
            let space = space(index) ?? ""
            var needed: Set<Int> = []
            if kind != "Namespace", let owner = namespaces[space] { needed.insert(owner) }
            if let version = manifest[key: "apiVersion"]?.asString.flatMap(GroupVersion.init),
                let definition = definitions[GroupKind(group: version.group, kind: kind)]
            {
                needed.insert(definition)
            }
            for reference in references(manifest, kind, space) {
                if let target = objects[reference] { needed.insert(target) }
            }
            needed.remove(index)
            pairs += needed.sorted().map { (index, $0) }
        }
        return pairs
    }

    /// `Kind/namespace/name` of all that an object names and cannot do without.
    private func references(_ manifest: Value, _ kind: String, _ space: String) -> [String] {
        var found: [String] = []
        func add(_ kind: String, _ name: Value?, in space: String) {
            if let name = name?.asString, !name.isEmpty { found.append("\(kind)/\(space)/\(name)") }
        }
        let spec = manifest[key: "spec"] ?? .null
        switch kind {
        case "RoleBinding", "ClusterRoleBinding":
            let role = manifest[key: "roleRef"] ?? .null
            let roleKind = role[key: "kind"]?.asString ?? "Role"
            add(roleKind, role[key: "name"], in: roleKind == "ClusterRole" ? "" : space)
            for subject in manifest[key: "subjects"]?.asList ?? [] where subject[key: "kind"] == "ServiceAccount" {
                add("ServiceAccount", subject[key: "name"], in: subject[key: "namespace"]?.asString ?? space)
            }
        case "ServiceAccount":
            for secret in manifest[key: "imagePullSecrets"]?.asList ?? [] {
                add("Secret", secret[key: "name"], in: space)
            }
        case "PersistentVolumeClaim": add("StorageClass", spec[key: "storageClassName"], in: "")
        case "StatefulSet": add("Service", spec[key: "serviceName"], in: space)
        case "Ingress":
            add("IngressClass", spec[key: "ingressClassName"], in: "")
            for item in spec[key: "tls"]?.asList ?? [] { add("Secret", item[key: "secretName"], in: space) }
        default: break
        }
        if let pod = Self.podSpec(manifest, kind) { found += podReferences(pod, space) }
        return found
    }

    static func podSpec(_ manifest: Value, _ kind: String) -> Value? {
        let spec = manifest[key: "spec"]
        if kind == "Pod" { return spec }
        if kind == "CronJob" { return spec?[key: "jobTemplate"]?[key: "spec"]?[key: "template"]?[key: "spec"] }
        let template = spec?[key: "template"]?[key: "spec"]
        return template?[key: "containers"] == nil ? nil : template
    }

    private func podReferences(_ pod: Value, _ space: String) -> [String] {
        var found: [String] = []
        func add(_ kind: String, _ name: Value?, in space: String) {
            if let name = name?.asString, !name.isEmpty { found.append("\(kind)/\(space)/\(name)") }
        }
        add("ServiceAccount", pod[key: "serviceAccountName"] ?? pod[key: "serviceAccount"], in: space)
        add("PriorityClass", pod[key: "priorityClassName"], in: "")
        add("RuntimeClass", pod[key: "runtimeClassName"], in: "")
        for secret in pod[key: "imagePullSecrets"]?.asList ?? [] { add("Secret", secret[key: "name"], in: space) }
        for volume in pod[key: "volumes"]?.asList ?? [] {
            let parts = [volume] + (volume[key: "projected"]?[key: "sources"]?.asList ?? [])
            for part in parts {
                add("ConfigMap", part[key: "configMap"]?[key: "name"], in: space)
                add("Secret", part[key: "secret"]?[key: "secretName"] ?? part[key: "secret"]?[key: "name"], in: space)
                add("PersistentVolumeClaim", part[key: "persistentVolumeClaim"]?[key: "claimName"], in: space)
            }
        }
        let containers = ["initContainers", "containers"].flatMap { pod[key: $0]?.asList ?? [] }
        for container in containers {
            for source in container[key: "envFrom"]?.asList ?? [] {
                add("ConfigMap", source[key: "configMapRef"]?[key: "name"], in: space)
                add("Secret", source[key: "secretRef"]?[key: "name"], in: space)
            }
            for variable in container[key: "env"]?.asList ?? [] {
                let source = variable[key: "valueFrom"] ?? .null
                add("ConfigMap", source[key: "configMapKeyRef"]?[key: "name"], in: space)
                add("Secret", source[key: "secretKeyRef"]?[key: "name"], in: space)
            }
        }
        return found
    }
}
