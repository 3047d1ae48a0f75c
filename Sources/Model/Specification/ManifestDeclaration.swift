/// A Kubernetes manifest, verbatim: an instance of the declaration that stands for its file.
public struct ManifestDeclaration: Sendable {
    public let node: SpecificationNode
    /// `apps/Deployment/shop/web`; the namespace is left out where the manifest leaves it out.
    public let key: String
    /// The first line of it.
    public let range: SourceRange

    public init(node: SpecificationNode, key: String, range: SourceRange) {
        self.node = node
        self.key = key
        self.range = range
    }

    /// The key of an object: `apps/Deployment/shop/web`.
    ///
    /// - Parameter namespace: nil or empty where the manifest gives none.
    public static func key(apiVersion: String, kind: String, namespace: String?, name: String) -> String {
        let slash = apiVersion.utf8.firstIndex(of: UInt8(ascii: "/"))
        let group = slash.map { apiVersion[...$0] } ?? ""
        let space = namespace.flatMap { $0.isEmpty ? nil : $0 + "/" } ?? ""
        return "\(group)\(kind)/\(space)\(name)"
    }
}

/// What an entry of `manifests:` gives to a tool that makes manifests of it.
public struct RenderingDeclaration: Sendable {
    /// The key that says what makes them: `kustomize`, `helm`.
    public let tool: String
    /// Its settings: a mapping. It may hold expressions.
    public let settings: SpecificationNode

    public init(tool: String, settings: SpecificationNode) {
        self.tool = tool
        self.settings = settings
    }
}
