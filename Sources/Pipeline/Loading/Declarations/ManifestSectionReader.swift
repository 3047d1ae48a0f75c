import PlumbModel

/// An entry of `manifests:` as written: where its manifests come from, and what is said of all of them.
struct ManifestEntry {
    /// Its address, with what holds for all its objects; without the objects.
    var declaration: ResourceDeclaration
    let entry: SpecificationNode.Entry
    /// Patterns and paths, each with its place; empty where the manifests are rendered.
    var files: [Pattern] = []
    var excludes: [Pattern] = []

    struct Pattern {
        let text: String
        let range: SourceRange
    }
}

/// Reads the entries of `manifests:`.
enum ManifestSectionReader {
    private static let origins = ["files", "kustomize", "helm"]
    /// Attributes of the objects, which an entry says once for all.
    static let settings = ["namespace", "force", "adopt", "wait", "propagation"]
    static let keys =
        ["files", "exclude", "kustomize", "helm", "provider", "enabled", "depends_on"] + settings + ["prune", "ready"]
    static let kustomizeKeys = ["path", "network"]
    static let helmKeys = [
        "chart", "release", "namespace", "values", "values_files", "set", "repository", "version", "kube_version",
        "api_versions", "crds", "network",
    ]

    static func read(_ entry: SpecificationNode.Entry, _ problems: inout Diagnostics) -> ManifestEntry? {
        problems.collect { () throws(Diagnostics) in
            try Identifier.check(entry.key, "manifest entry", at: entry.keyRange)
        }
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(
                entry.value, "an entry of `manifests`",
                example: "`{files: \"deploy/**/*.yaml\"}`, `{kustomize: overlay}`")
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(keys, of: "An entry of `manifests`", &problems) { key in
            helmKeys.contains(key) ? "`\(key)` belongs under `helm:`." : nil
        }
        let given = mapping.entries.filter { origins.contains($0.key) }
        guard let origin = given.first, given.count == 1 else {
            problems.append(
                .error(
                    given.isEmpty ? "Missing key" : "Two origins of manifests",
                    "\"\(entry.key)\" must say where its manifests come from by one of `files`, `kustomize` and `helm`"
                        + (given.isEmpty ? "." : "; make an entry of its own for each of them."),
                    at: given.last?.keyRange ?? entry.keyRange))
            return nil
        }
        var declaration = ResourceDeclaration(
            address: ResourceAddress("kubernetes_manifest", entry.key), range: entry.keyRange)
        declaration.provider = mapping["provider"]
        declaration.enabled = mapping["enabled"]
        declaration.dependsOn = mapping["depends_on"]
        declaration.ready = mapping["ready"]
        declaration.manifestSettings = mapping.entries.filter { settings.contains($0.key) || $0.key == "prune" }
        var found = ManifestEntry(declaration: declaration, entry: entry)
        switch origin.key {
        case "files": found.files = patterns(origin.value, "files", &problems)
        case "kustomize":
            found.declaration.rendering = kustomize(origin.value, &problems)
        default: found.declaration.rendering = helm(origin.value, &found.declaration, &problems)
        }
        if let node = mapping["exclude"] {
            if origin.key == "files" {
                found.excludes = patterns(node, "exclude", &problems)
            } else {
                problems.append(
                    .error("Unknown key", "`exclude` belongs to `files`, not to `\(origin.key)`.", at: node.range))
            }
        }
        return origin.key == "files"
            ? (found.files.isEmpty ? nil : found) : found.declaration.rendering.map { _ in found }
    }

    private static func kustomize(
        _ node: SpecificationNode, _ problems: inout Diagnostics
    ) -> RenderingDeclaration? {
        if let scalar = node.scalar, scalar.isString {
            let entry = SpecificationNode.Entry(key: "path", keyRange: node.range, value: node)
            return RenderingDeclaration(
                tool: "kustomize", settings: SpecificationNode(.mapping([entry]), at: node.range))
        }
        return rendering("kustomize", node, kustomizeKeys, needs: "path", "`{path: overlays/prod}`", &problems)
    }

    private static func helm(
        _ node: SpecificationNode, _ declaration: inout ResourceDeclaration, _ problems: inout Diagnostics
    ) -> RenderingDeclaration? {
        guard
            let found = rendering("helm", node, helmKeys, needs: "chart", "`{chart: charts/redis}`", &problems),
            var entries = found.settings.mapping
        else { return nil }
        let outer = declaration.manifestSettings.first { $0.key == "namespace" }
        if let inner = entries.first(where: { $0.key == "namespace" }) {
            if let outer {
                problems.append(
                    .error(
                        "Namespace given twice", "`namespace` stands beside `helm:` and in it. Keep one of them.",
                        at: inner.keyRange, notes: [.init("It stands here too", at: outer.keyRange)]))
            }
            declaration.manifestSettings.append(inner)
        } else if let outer {
            entries.append(outer)
        }
        return RenderingDeclaration(tool: "helm", settings: SpecificationNode(.mapping(entries), at: node.range))
    }

    private static func rendering(
        _ tool: String, _ node: SpecificationNode, _ known: [String], needs key: String, _ example: String,
        _ problems: inout Diagnostics
    ) -> RenderingDeclaration? {
        let mapping = problems.collect { () throws(Diagnostics) in
            try MappingReader(node, "`\(tool)`", example: example)
        }
        guard let mapping else { return nil }
        mapping.refuseUnknown(known, of: "`\(tool)`", &problems)
        guard mapping[key] != nil else {
            problems.append(
                .error("Missing key", "`\(tool)` needs `\(key)`, such as \(example).", at: node.range.firstLine))
            return nil
        }
        return RenderingDeclaration(tool: tool, settings: node)
    }

    /// A text, or a list of texts.
    private static func patterns(
        _ node: SpecificationNode, _ key: String, _ problems: inout Diagnostics
    ) -> [ManifestEntry.Pattern] {
        let nodes = node.sequence ?? [node]
        if nodes.isEmpty {
            problems.append(
                .error("Empty list", "`\(key)` names no file. Name one, or remove the key.", at: node.range))
        }
        return nodes.compactMap { item in
            let text = problems.collect { () throws(Diagnostics) in try LiteralReader.text(item, key) }
            guard let text = text ?? nil else { return nil }
            guard !text.contains("${") else {
                problems.append(
                    .error(
                        "Expression where none can be",
                        "`\(key)` is read before any expression is evaluated, so that it must be written out.",
                        at: item.range))
                return nil
            }
            return ManifestEntry.Pattern(text: text, range: item.range)
        }
    }
}
