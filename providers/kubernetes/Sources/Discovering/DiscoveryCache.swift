import FoundationEssentials
import PlumbModel

/// Keeps on disk what a server offers, for the runs of the next minutes.
struct DiscoveryCache: Sendable {
    struct Content: Sendable {
        var resources: [APIResource] = [] {
            didSet { index = Content.index(resources) }
        }
        /// The version that the server prefers, by group.
        var preferred: [String: String] = [:]
        /// Whose kinds are not told at the moment: an extension of the API server that does not answer.
        var stale: Set<GroupVersion> = []
        /// Whether it holds all that the server offers.
        var isAggregated = false
        private var index: [String: Int] = [:]

        init(resources: [APIResource] = [], preferred: [String: String] = [:], isAggregated: Bool = false) {
            self.resources = resources
            self.preferred = preferred
            self.isAggregated = isAggregated
            index = Content.index(resources)
        }

        func resource(_ version: GroupVersion, _ kind: String) -> APIResource? {
            index["\(version) \(kind)"].map { resources[$0] }
        }

        mutating func replace(_ version: GroupVersion, _ found: [APIResource]) {
            resources = resources.filter { $0.version != version } + found
        }

        private static func index(_ resources: [APIResource]) -> [String: Int] {
            Dictionary(
                resources.enumerated().map { ("\($1.version) \($1.kind)", $0) }, uniquingKeysWith: { first, _ in first }
            )
        }
    }

    /// Nil where there is no place for it.
    private let path: String?
    /// Seconds; `kubectl` keeps as long.
    private static let lifetime = 600

    /// - Parameter server: its URL: each has a file of its own.
    init(server: String, environment: [String: String]) {
        let base =
            environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].map { "\($0)/.cache" }
        let name = String(decoding: server.utf8.map { Self.isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        path = base.map { "\($0)/plumbline/kubernetes/\(name).json" }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
            || byte == 0x2D || byte == 0x2E
    }

    /// Nil where there is nothing, or nothing that can still be believed.
    func read() -> Content? {
        guard let path, let data = FileManager.default.contents(atPath: path),
            let value = try? Value(json: Array(data)),
            value[key: "format"]?.asInt == 1, let time = value[key: "time"]?.asInt,
            (0..<Self.lifetime).contains(Timestamp.now - time)
        else { return nil }
        let resources = (value[key: "resources"]?.asList ?? []).compactMap(Self.resource)
        let preferred = (value[key: "preferred"]?.asMap ?? ValueMap()).compactMap { entry in
            entry.value.asString.map { (entry.key, $0) }
        }
        return Content(
            resources: resources, preferred: Dictionary(preferred, uniquingKeysWith: { first, _ in first }),
            isAggregated: value[key: "aggregated"]?.asBool ?? false)
    }

    /// What cannot be written is asked for again: that is no reason to fail.
    func write(_ content: Content) {
        guard let path else { return }
        let resources = content.resources.map { resource -> Value in
            [
                "group": .string(resource.version.group), "version": .string(resource.version.version),
                "kind": .string(resource.kind), "plural": .string(resource.plural),
                "namespaced": .bool(resource.isNamespaced),
                "verbs": .tuple(resource.verbs.sorted().map(Value.string)),
                "subresources": .tuple(resource.subresources.sorted().map(Value.string)),
            ]
        }
        let value: Value = [
            "format": 1, "time": .number(Timestamp.now), "aggregated": .bool(content.isAggregated),
            "preferred": .object(ValueMap(content.preferred.map { ($0.key, Value.string($0.value)) })),
            "resources": .tuple(resources),
        ]
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // In one piece: another run may read it at the same time.
        try? Data(value.json.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    private static func resource(_ value: Value) -> APIResource? {
        guard let group = value[key: "group"]?.asString, let version = value[key: "version"]?.asString,
            let kind = value[key: "kind"]?.asString, let plural = value[key: "plural"]?.asString
        else { return nil }
        func texts(_ key: String) -> Set<String> { Set((value[key: key]?.asList ?? []).compactMap(\.asString)) }
        return APIResource(
            version: GroupVersion(group: group, version: version), kind: kind, plural: plural,
            isNamespaced: value[key: "namespaced"]?.asBool ?? false, verbs: texts("verbs"),
            subresources: texts("subresources"))
    }
}
