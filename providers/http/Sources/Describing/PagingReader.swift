import PlumbModel

/// Reads how the next page of a list is asked for.
enum PagingReader {
    private static let styles = ["number", "offset", "cursor", "link", "url"]

    /// Nil only if problems were found.
    static func read(
        _ node: SpecificationNode, of what: String, _ section: inout SectionReader, _ names: NameCheck
    ) -> Paging? {
        let keys = styles + ["first", "from", "size", "of", "total", "more", "limit"]
        return section.section(node, "page of \(what)", keys: keys) { page in
            let given = page.entries.filter { styles.contains($0.key) }
            guard given.count == 1, let entry = given.first else {
                if node.mapping != nil {
                    page.report(
                        "Invalid paging",
                        "\(page.what) must have one style: \(styles.joined(separator: ", ")); as in {number: page, size: "
                            + "per_page, of: 100}.", at: node.range.firstLine)
                }
                return nil
            }
            for (key, style) in [("first", "number"), ("from", "cursor")] where style != entry.key {
                guard let stray = page.entries.first(where: { $0.key == key }) else { continue }
                page.report("Contradicting keys", "\(page.what): \"\(key)\" goes with \(style).", at: stray.keyRange)
            }
            guard let style = style(entry.key, &page, names) else { return nil }
            let size = page.count("of", in: 1...100_000)
            return Paging(
                style: style, sizeParameter: page.text("size"), size: size, total: page.expression("total", names),
                more: page.expression("more", names), limit: page.count("limit", in: 1...1_000_000) ?? 1000)
        }
    }

    private static func style(_ key: String, _ page: inout SectionReader, _ names: NameCheck) -> Paging.Style? {
        if key == "url" { return page.expression("url", names).map { .url($0) } }
        let name = page.requiredText(key)
        switch key {
        case "number": return .number(parameter: name, first: page.count("first", in: 0...1) ?? 1)
        case "offset": return .offset(parameter: name)
        case "link": return .link(name)
        default:
            if page.node["from"] == nil {
                page.report(
                    "Missing key", "\(page.what) must say where the next cursor stands in the answer: from.",
                    at: page.node.range.firstLine)
            }
            return page.expression("from", names).map { .cursor(parameter: name, from: $0) }
        }
    }
}
