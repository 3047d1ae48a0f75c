public import PlumbModel

/// Reads where a secret is: `{env: NAME}` or `{file: PATH}`. A secret itself is refused.
public enum SecretReferenceReader {
    /// - Parameters:
    ///   - key: under which it stands, for problems.
    ///   - folder: where relative paths begin.
    public static func read(
        _ node: SpecificationNode, _ key: String, folder: String
    ) throws(Diagnostics) -> SecretReference {
        guard node.scalar == nil else {
            throw Diagnostics(
                .error(
                    "Secret in the configuration",
                    "`\(key)` must not stand here itself. Name where it is read: `\(key): {env: NAME}` or `\(key): {file: PATH}`.",
                    at: node.range.firstLine))
        }
        var problems = Diagnostics()
        let mapping = try MappingReader(node, "`\(key)`", example: "`{env: NAME}`")
        mapping.refuseUnknown(["env", "file"], of: "`\(key)`", &problems)
        try problems.throwIfErrors()
        let entries = try ["env", "file"].map { key throws(Diagnostics) in try LiteralReader.text(mapping[key], key) }
        switch (entries[0], entries[1]) {
        case (let name?, nil) where !name.isEmpty: return .environment(name)
        case (nil, let path?) where !path.isEmpty: return .file(ControllerReader.absolute(path, folder))
        default:
            throw Diagnostics(
                .error(
                    "Secret without a place",
                    "`\(key)` has either `env`, the name of an environment variable, or `file`, a path.",
                    at: node.range.firstLine))
        }
    }
}
