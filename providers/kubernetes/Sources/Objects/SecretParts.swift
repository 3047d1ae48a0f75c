import PlumbModel

/// Marks what is secret in a resource of this provider: the content of Secrets, whoever has written it.
enum SecretParts {
    private static let contents: Set<String> = ["data", "stringData"]

    static func marked(_ values: ValueMap) -> ValueMap {
        guard let manifest = values["manifest"], Manifest.isSecret(manifest) else { return values }
        var values = values
        values["manifest"] = marked(manifest)
        if let defaults = values["defaults"] { values["defaults"] = marked(defaults) }
        if let replaced = values["replaced"], !replaced.isNull { values["replaced"] = replaced.sensitive() }
        return values
    }

    private static func marked(_ object: Value) -> Value {
        guard var map = object.asMap else { return object }
        for key in contents {
            guard let content = map[key], !content.isNull else { continue }
            if let entries = content.asMap {
                map[key] = Value(.map(entries.mapValues { $0.sensitive() }, .object), isSensitive: content.isSensitive)
            } else {
                map[key] = content.sensitive()
            }
        }
        // The whole of it once more, in the words of kubectl.
        let annotation = "kubectl.kubernetes.io/last-applied-configuration"
        if var metadata = map["metadata"]?.asMap, var annotations = metadata["annotations"]?.asMap,
            let text = annotations[annotation]
        {
            annotations[annotation] = text.sensitive()
            metadata["annotations"] = .object(annotations)
            map["metadata"] = .object(metadata)
        }
        return Value(.map(map, .object), isSensitive: object.isSensitive)
    }
}
