internal import PlumbModel

/// A state file of Terraform, format 4, as far as it tells what is managed.
struct TerraformState {
    /// One instance of a managed resource.
    struct Instance {
        let address: ResourceAddress
        /// As Terraform calls it: `terraform_data.a`.
        let terraformAddress: String
        let attributes: ValueMap
        /// The attributes that Terraform marks as sensitive, as a whole.
        let sensitive: Set<String>
        let dependencies: [ResourceAddress]
        let isTainted: Bool
        let createsBeforeDestroy: Bool
        let deposedKey: String?
    }

    let instances: [Instance]
    let outputs: [OutputRecord]

    /// Types that have another name here.
    private static let names = ["terraform_data": "data_value"]

    static func read(_ text: String, named name: String) throws(Diagnostics) -> TerraformState {
        let document: Value
        do throws(JSONError) {
            document = try Value(json: text)
        } catch {
            throw malformed(name, "it is no JSON: \(error.message) at byte \(error.offset)")
        }
        guard let version = document[key: "version"]?.asInt, document[key: "resources"]?.asList != nil else {
            throw malformed(name, "it has no \"version\" and \"resources\"")
        }
        guard version == 4 else {
            throw malformed(
                name, "it has the format \(version), and format 4 is read: let Terraform 0.12 or later rewrite it")
        }
        var instances: [Instance] = []
        for resource in document[key: "resources"]?.asList ?? [] where resource[key: "mode"]?.asString == "managed" {
            for instance in resource[key: "instances"]?.asList ?? [] {
                instances.append(try read(instance, of: resource, name))
            }
        }
        return TerraformState(instances: instances, outputs: outputs(document))
    }

    private static func read(
        _ instance: Value, of resource: Value, _ name: String
    ) throws(Diagnostics) -> Instance {
        let module = (resource[key: "module"]?.asString).map { $0 + "." } ?? ""
        let type = resource[key: "type"]?.asString ?? ""
        let label = resource[key: "name"]?.asString ?? ""
        let text = "\(module)\(type).\(label)\(key(instance[key: "index_key"]))"
        guard let address = ResourceAddress(parsing: text) else { throw malformed(name, "\"\(text)\" is no address") }
        var renamed = address
        renamed.type = names[address.type] ?? address.type
        let dependencies = (instance[key: "dependencies"]?.asList ?? []).compactMap { dependency in
            dependency.asString.flatMap(ResourceAddress.init(parsing:)).map { found in
                var found = found
                found.type = names[found.type] ?? found.type
                return found
            }
        }
        return Instance(
            address: renamed, terraformAddress: text, attributes: instance[key: "attributes"]?.asMap ?? ValueMap(),
            sensitive: sensitive(instance), dependencies: dependencies.filter { $0.mode == .managed },
            isTainted: instance[key: "status"]?.asString == "tainted",
            createsBeforeDestroy: instance[key: "create_before_destroy"]?.asBool ?? false,
            deposedKey: instance[key: "deposed"]?.asString)
    }

    private static func key(_ value: Value?) -> String {
        if let index = value?.asInt { return "[\(index)]" }
        return (value?.asString).map { InstanceKey.name($0).description } ?? ""
    }

    /// The first step of each path: what is secret in a part makes the whole attribute secret.
    private static func sensitive(_ instance: Value) -> Set<String> {
        Set(
            (instance[key: "sensitive_attributes"]?.asList ?? []).compactMap { path in
                path.asList?.first?[key: "value"]?.asString
            })
    }

    private static func outputs(_ document: Value) -> [OutputRecord] {
        (document[key: "outputs"]?.asMap ?? ValueMap()).map { entry in
            let isSensitive = entry.value[key: "sensitive"]?.asBool ?? false
            return OutputRecord(
                name: entry.key, value: (entry.value[key: "value"] ?? .null).sensitive(isSensitive))
        }
    }

    private static func malformed(_ name: String, _ reason: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Not a Terraform state",
                "\(name) cannot be read as a state of Terraform: \(reason). Nothing was changed."))
    }
}
