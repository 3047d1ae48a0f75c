import PlumbModel
import ProviderAPI

/// A CustomResourceDefinition that a plan creates: it says what objects of its kind look like before the server can.
struct CustomDefinition: Sendable {
    let kind: GroupKind
    let isNamespaced: Bool
    /// By version: the schema of its objects.
    private let schemas: [String: Value]

    /// Nil where the manifest is no definition.
    init?(_ manifest: Manifest) {
        guard manifest.groupKind == GroupKind(group: "apiextensions.k8s.io", kind: "CustomResourceDefinition"),
            let spec = manifest.value[key: "spec"], let group = spec[key: "group"]?.asString,
            let name = spec[key: "names"]?[key: "kind"]?.asString
        else { return nil }
        kind = GroupKind(group: group, kind: name)
        isNamespaced = spec[key: "scope"]?.asString != "Cluster"
        var schemas: [String: Value] = [:]
        for version in spec[key: "versions"]?.asList ?? [] where version[key: "served"]?.asBool != false {
            guard let name = version[key: "name"]?.asString else { continue }
            let common = spec[key: "validation"]?[key: "openAPIV3Schema"]
            schemas[name] = version[key: "schema"]?[key: "openAPIV3Schema"] ?? common ?? .object(ValueMap())
        }
        self.schemas = schemas
    }

    /// Refuses an object that does not fit.
    func check(_ manifest: Manifest) throws(ProviderError) {
        guard let schema = schemas[manifest.version.version] else {
            throw ProviderError(
                .invalid,
                "The CustomResourceDefinition of \(kind) in this plan serves "
                    + "\(schemas.keys.sorted().joined(separator: ", ")), and not \(manifest.version.version).")
        }
        let faults = ObjectSchema(schema).faults(
            in: manifest.value, ignoring: ["apiVersion", "kind", "metadata"], needsAll: true)
        if !faults.isEmpty {
            throw manifest.misfit(faults, "its CustomResourceDefinition, which this plan creates")
        }
    }
}
