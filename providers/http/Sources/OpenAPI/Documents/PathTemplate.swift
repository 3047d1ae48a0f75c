/// A path of an OpenAPI document: `/zones/{zone_id}/records/{id}`.
struct PathTemplate: Hashable {
    enum Segment: Hashable {
        case literal(String)
        case parameter(String)
        /// Text with parameters inside: `{id}.json`.
        case mixed(String)
    }

    let text: String
    let segments: [Segment]
    let hasTrailingSlash: Bool
    /// What stands behind the last segment of all paths of some APIs: `.json`.
    let ending: String

    init(_ text: String) {
        // What stands behind "#" or "?" only tells operations of one path apart (as AWS's documents do).
        var path = text.prefix { $0 != "?" && $0 != "#" }
        self.text = text
        ending = [".json", ".xml"].first(where: path.hasSuffix) ?? ""
        path = path.dropLast(ending.count)
        hasTrailingSlash = path.count > 1 && path.hasSuffix("/")
        segments = path.split(separator: "/").map { part in
            guard part.contains("{") else { return .literal(String(part)) }
            let inner = part.dropFirst().dropLast()
            let isWhole = part.hasPrefix("{") && part.hasSuffix("}") && !inner.contains("{")
            return isWhole ? .parameter(PathTemplate.name(inner)) : .mixed(String(part))
        }
    }

    private init(segments: [Segment], hasTrailingSlash: Bool) {
        self.segments = segments
        self.hasTrailingSlash = hasTrailingSlash
        ending = ""
        text = "/" + segments.map(PathTemplate.text).joined(separator: "/") + (hasTrailingSlash ? "/" : "")
    }

    /// Whether it has a part behind it that is no path, so that no request can be told from it.
    var isOrdinary: Bool { !text.contains("#") && !text.contains("?") }

    /// The names of all parameters, in their order.
    var parameters: [String] {
        segments.flatMap { segment -> [String] in
            switch segment {
            case .literal: []
            case .parameter(let name): [name]
            case .mixed(let text): PathTemplate.pieces(of: text).compactMap(\.parameter)
            }
        }
    }

    /// The same for paths that differ in the names of parameters alone.
    var skeleton: String {
        segments.map { segment in
            switch segment {
            case .literal(let text): text
            case .parameter: "{}"
            case .mixed(let text):
                PathTemplate.pieces(of: text).map { $0.parameter == nil ? $0.text : "{}" }.joined()
            }
        }.joined(separator: "/")
    }

    var literals: [String] {
        segments.compactMap { if case .literal(let text) = $0 { text } else { nil } }
    }

    private static let selectors: Set<String> = ["id", "uid", "uuid", "guid", "name", "slug", "key"]

    /// The path of the collection whose items this one tells by a word before the last parameter: `/things` of
    /// `/things/uid/{uid}`. Nil for other paths.
    var selected: PathTemplate? {
        guard let last = lastParameter, let parent, case .literal(let word) = parent.segments.last else { return nil }
        let selector = Naming.folded(word)
        guard PathTemplate.selectors.contains(selector), Naming.folded(last).hasSuffix(selector) else { return nil }
        return parent.parent.flatMap { $0.segments.isEmpty ? nil : $0 }
    }

    /// The parameter that the path ends with.
    var lastParameter: String? {
        if case .parameter(let name) = segments.last { name } else { nil }
    }

    var parent: PathTemplate? {
        segments.isEmpty ? nil : PathTemplate(segments: segments.dropLast(), hasTrailingSlash: false)
    }

    /// Text and parameters of a mixed segment.
    static func pieces(of text: String) -> [(text: String, parameter: String?)] {
        var pieces: [(String, String?)] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if open > rest.startIndex { pieces.append((String(rest[..<open]), nil)) }
            let inner = rest[rest.index(after: open)..<close]
            pieces.append((String(inner), name(inner)))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append((String(rest), nil)) }
        return pieces
    }

    /// Without what frameworks write beside names: `{path:path}`, `{name+}`, `{*rest}`.
    private static func name(_ inner: Substring) -> String {
        let head = inner.prefix { $0 != ":" }
        return String(head.filter { $0 != "+" && $0 != "*" && $0 != "?" })
    }

    private static func text(_ segment: Segment) -> String {
        switch segment {
        case .literal(let text), .mixed(let text): text
        case .parameter(let name): "{\(name)}"
        }
    }
}
