import PlumbModel

/// Reads a Kubernetes manifest: which object it is, and so what its address is.
struct ManifestReader {
    /// One object with its address.
    struct Found {
        let address: ResourceAddress
        let declaration: ManifestDeclaration
        /// Its place, for "declared twice".
        let entry: SpecificationNode.Entry

        var fullName: String { address.instance(.name(declaration.key)).description }
    }

    /// A `List` is what it holds.
    static func read(_ document: SpecificationNode, _ problems: inout Diagnostics) -> [Found] {
        guard let version = text("apiVersion", "v1", document, &problems),
            let kind = text("kind", "ConfigMap", document, &problems)
        else { return [] }
        if kind.hasSuffix("List"), let items = document["items"]?.sequence, document["metadata"]?["name"] == nil {
            return items.flatMap { read($0, &problems) }
        }
        guard let metadata = document["metadata"], let name = metadata["name"]?.scalar?.value.asString, !name.isEmpty
        else {
            problems.append(missingName(document, kind))
            return []
        }
        let namespace = metadata["namespace"]?.scalar?.value.asString.flatMap { $0.isEmpty ? nil : $0 }
        let key = ManifestDeclaration.key(apiVersion: version, kind: kind, namespace: namespace, name: name)
        let address = ResourceAddress("kubernetes_manifest", stem(document.range.file.path))
        let entry = SpecificationNode.Entry(key: key, keyRange: document.range.firstLine, value: document)
        let declaration = ManifestDeclaration(node: document, key: key, range: document.range.firstLine)
        return [Found(address: address, declaration: declaration, entry: entry)]
    }

    /// The file's name without its end, in letters that an address may have.
    private static func stem(_ path: String) -> String {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
        let stem = name.utf8.prefix(name.utf8.count - (name.hasSuffix(".yaml") ? 5 : 4))
        return String(decoding: stem.map { isOfIdentifier($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    private static func isOfIdentifier(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
            || byte == 0x5F || byte == 0x2D || byte >= 0x80
    }

    private static func missingName(_ document: SpecificationNode, _ kind: String) -> Diagnostic {
        let isGenerated = document["metadata"]?["generateName"] != nil
        if document["apiVersion"]?.scalar?.text.hasPrefix("kustomize.config.k8s.io/") == true {
            return .error(
                "Kustomization among manifests",
                "This file is for kustomize, and is no object of a cluster. Keep its folder apart from other manifests (or "
                    + "`exclude` it), and name the folder: `manifests: {web: {kustomize: overlays/prod}}`.",
                at: document.range.firstLine)
        }
        return .error(
            "Incomplete Kubernetes manifest",
            isGenerated
                ? "This \(kind) has `metadata.generateName`, which gives it another name each time, so that it could not be "
                    + "found again. Give `metadata.name`."
                : "A Kubernetes manifest needs `metadata.name`, a string: `metadata: {name: web}`.",
            at: document["metadata"]?.range.firstLine ?? document.range.firstLine)
    }

    private static func text(
        _ key: String, _ example: String, _ document: SpecificationNode, _ problems: inout Diagnostics
    ) -> String? {
        func report(_ detail: String, _ range: SourceRange) {
            problems.append(.error("Incomplete Kubernetes manifest", detail, at: range))
        }
        guard let node = document[key] else {
            let other = key == "kind" ? "apiVersion" : "kind"
            report(
                "A document with `\(other)` is a Kubernetes manifest, which also needs `\(key)`, such as "
                    + "`\(key): \(example)`. Add it; if it is no manifest, it must be a mapping of sections.",
                document.mapping?.first { $0.key == other }?.keyRange ?? document.range.firstLine)
            return nil
        }
        if let text = node.scalar?.value.asString, !text.isEmpty { return text }
        report(
            "`\(key)` of a Kubernetes manifest is a string, such as `\(key): \(example)`; here stands \(node.phrase).",
            node.range.end > node.range.start
                ? node.range.firstLine
                : document.mapping?.first { $0.key == key }?.keyRange ?? node.range)
        return nil
    }
}
