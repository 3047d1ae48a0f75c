import PlumbModel

/// Guesses from parameters and answers how a list goes on.
enum PagingFinder {
    private static let sizes = [
        "per_page", "perpage", "page_size", "pagesize", "limit", "size", "max_results", "maxresults", "max-results",
        "results_per_page", "page[size]", "page[limit]", "pagination[pagesize]", "pagination[limit]",
        "count", "pagelen", "$top", "top", "itemsperpage",
        "items_per_page", "max",
    ]
    private static let numbers = [
        "page", "page_number", "pagenumber", "page[number]", "pagination[page]", "pageno", "page_no", "pageindex",
        "pagenum", "page_num",
    ]
    private static let offsets = [
        "offset", "skip", "$skip", "start", "first", "startindex", "start_index", "page[offset]", "pagination[start]",
    ]
    private static let cursors = [
        "cursor", "after", "page_token", "pagetoken", "continue", "marker", "next_token", "nexttoken", "starting_after",
        "page[cursor]", "page[after]", "next_cursor", "continuation_token", "continuationtoken", "start_cursor",
    ]
    private static let nextCursors = [
        "next_cursor", "nextcursor", "next_page_token", "nextpagetoken", "cursor", "after", "end_cursor", "endcursor",
        "next", "continue", "next_token", "nexttoken", "next_marker", "nextmarker", "continuation_token",
        "continuationtoken", "marker",
    ]
    private static let totals = ["total", "total_count", "totalcount", "total_entries", "totalelements", "total_items"]

    /// The lines of `page`; nil where all comes at once.
    ///
    /// - Parameter items: where the resources stand in the answer.
    static func page(_ list: OpenAPIOperation, items: [String]) -> [YAMLDraft.Entry]? {
        let fields = list.method == "post" ? list.body?.shape.properties ?? [] : []
        let query =
            list.parameters(in: .query)
            + fields.map { OpenAPIOperation.Parameter(name: $0.name, shape: $0.shape) }
        let answer = list.answered ?? .any
        func parameter(_ names: [String]) -> OpenAPIOperation.Parameter? {
            names.lazy.compactMap { name in
                query.first { [$0.name.lowercased(), Naming.snake($0.name)].contains(name) }
            }.first
        }
        let size = parameter(sizes)
        if let cursor = parameter(cursors), cursor.shape.kindIsText, let from = nextCursor(answer) {
            return [.init("cursor", .text(cursor.name)), .init("from", .text("${\(from)}"))] + sized(size)
        }
        if let cursor = parameter(["starting_after", "after", "after_id", "since_id"]), let more = hasMore(answer) {
            // The id of the last one is where the next page begins.
            let place = BodyPath.expression(items)
            return [
                .init("cursor", .text(cursor.name)), .init("from", .text("${try(reverse(\(place))[0].id, null)}")),
                .init("more", .text("${\(more)}")),
            ] + sized(size)
        }
        if list.answers.contains(where: { $0.headers.contains("link") }) {
            return [.init("link", .text("next"))]
        }
        if let place = nextURL(answer) { return [.init("url", .text("${\(place)}"))] }
        if let number = parameter(numbers), number.name != size?.name {
            let first = number.shape.defaultValue?.asInt ?? (number.minimum == 0 ? 0 : 1)
            let start: [YAMLDraft.Entry] = first == 1 ? [] : [.init("first", .plain(String(first)))]
            return [.init("number", .text(number.name))] + start + sized(size) + total(answer)
        }
        if let offset = parameter(offsets), offset.name != size?.name {
            return [.init("offset", .text(offset.name))] + sized(size) + total(answer)
        }
        return nil
    }

    private static func sized(_ size: OpenAPIOperation.Parameter?) -> [YAMLDraft.Entry] {
        guard let size else { return [] }
        let most = size.maximum ?? max(size.shape.defaultValue?.asInt ?? 0, 100)
        return [.init("size", .text(size.name)), .init("of", .plain(String(max(1, min(most, 100)))))]
    }

    private static func total(_ answer: SchemaShape) -> [YAMLDraft.Entry] {
        for (path, shape) in envelopes(answer) {
            if let found = shape.properties.first(where: { totals.contains($0.name.lowercased()) }),
                found.shape.mayBeText
            {
                return [.init("total", .text("${\(place(path + [found.name]))}"))]
            }
        }
        return []
    }

    private static func hasMore(_ answer: SchemaShape) -> String? {
        answer.properties.first { ["has_more", "hasmore", "more"].contains($0.name.lowercased()) }
            .map { BodyPath.expression([$0.name]) }
    }

    private static func nextCursor(_ answer: SchemaShape) -> String? {
        for (path, shape) in envelopes(answer) {
            // The address of the next page is no cursor.
            let scalars = shape.properties.filter { $0.shape.mayBeText && !isAddress($0.shape) }
            for name in nextCursors {
                if let found = scalars.first(where: { $0.name.lowercased() == name }) {
                    return place(path + [found.name])
                }
            }
        }
        return nil
    }

    private static let nextURLs = [
        "next", "nextlink", "@odata.nextlink", "next_link", "next_url", "nexturl", "next_uri", "nexturi",
        "next_page_url",
        "nextpageurl", "next_page_uri", "nextpageuri", "next_href",
    ]

    private static func isAddress(_ shape: SchemaShape) -> Bool { shape.format == "uri" || shape.format == "url" }

    /// `next`, `links.next`, `_links.next.href`, `links.pages.next`, `next_page_url`.
    private static func nextURL(_ answer: SchemaShape) -> String? {
        var places: [([String], SchemaShape)] = [([], answer)]
        for key in ["links", "_links", "paging", "pagination", "meta", "metadata"] {
            guard let inner = answer[key] else { continue }
            places.append(([key], inner))
            if let pages = inner["pages"] { places.append(([key, "pages"], pages)) }
        }
        for (path, shape) in places {
            let named = nextURLs.lazy.compactMap { name in
                shape.properties.first { $0.name.lowercased() == name }
            }.first
            guard let next = named else { continue }
            if next.shape["href"] != nil { return place(path + [next.name, "href"]) }
            let isTold = isAddress(next.shape) || !path.isEmpty || next.name != "next"
            if case .string = next.shape.kind, isTold { return place(path + [next.name]) }
        }
        return nil
    }

    /// The answer and what in it tells about the list.
    private static func envelopes(_ answer: SchemaShape) -> [([String], SchemaShape)] {
        let keys = [
            "meta", "metadata", "pagination", "paging", "page_info", "pageinfo", "page", "result_info", "links",
            "cursors",
        ]
        var found: [([String], SchemaShape)] = [([], answer)]
        for property in answer.properties where keys.contains(property.name.lowercased()) {
            found.append(([property.name], property.shape))
            for inner in property.shape.properties where keys.contains(inner.name.lowercased()) {
                found.append(([property.name, inner.name], inner.shape))
            }
        }
        return found
    }

    /// A field deep in the answer need not be there.
    private static func place(_ path: [String]) -> String {
        "try(\(BodyPath.expression(path)), null)"
    }
}

/// Writes where something stands in an answer.
enum BodyPath {
    /// A string of the language that is just this text.
    private static func quoted(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let isPrintable = plain.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        return isPrintable ? "\"\(plain.withoutExpressions)\"" : "\"\""
    }

    static func expression(_ path: [String], root: String = "response.body") -> String {
        path.reduce(root) { text, key in
            Naming.attribute(key) == key ? "\(text).\(key)" : "\(text)[\(quoted(key))]"
        }
    }
}

extension SchemaShape {
    fileprivate var kindIsText: Bool {
        switch kind {
        case .string, .any, .number: true
        default: false
        }
    }
}
