public import PlumbModel

/// What a YAML document is, as far as its form tells.
public enum DocumentKind: Sendable {
    /// Of the language: a stack, or sections such as `resources`. Its strings may hold expressions.
    case spec
    /// Encrypted with SOPS, which checks that nothing in it has changed.
    case encrypted
    /// Taken as it is: a Kubernetes manifest, values of variables, or what does not belong to a stack.
    case verbatim

    /// - Parameter path: of the file that the document stands in.
    public static func of(_ document: SpecificationNode, in path: String) -> DocumentKind {
        guard let entries = document.mapping else { return .verbatim }
        if document["sops"]?.mapping != nil { return .encrypted }
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
        if name == "stack.yaml" || name == "stack.yml" { return .spec }
        if name.hasSuffix(".vars.yaml") || name.hasSuffix(".vars.yml") { return .verbatim }
        if document["apiVersion"] != nil || document["kind"] != nil || isOfProvider(document) { return .verbatim }
        return entries.contains { DocumentReader.sections.contains($0.key) } ? .spec : .verbatim
    }

    /// Whether a document describes an API: to the http provider, or to the world in OpenAPI. It may stand beside specs.
    static func isOfProvider(_ document: SpecificationNode) -> Bool {
        if document["openapi"]?.scalar != nil || document["swagger"]?.scalar != nil { return true }
        return document["api"]?.scalar != nil && (document["types"] != nil || document["data"] != nil)
    }
}
