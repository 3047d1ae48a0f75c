import HTTPTransport
import PlumbModel
import ProviderAPI

/// Goes through the pages of a list, one after the other, so that no more than one is held.
struct PageWalk {
    /// How a walk came to its end.
    enum End {
        case complete
        /// Whoever looked at the pages had seen enough.
        case stopped
        /// There is no such list.
        case gone
    }

    let connection: APIConnection
    let shape: TypeShape
    let request: RequestTemplate
    let rule: ItemRule

    /// - Parameter visit: gets each page's items, and a scope that knows the answer; false ends the walk.
    func walk(
        _ initial: OperationScope, _ visit: ([Value], OperationScope) throws(ProviderError) -> Bool
    ) async throws(ProviderError) -> End {
        var scope = initial
        var position = PagePosition(rule.page)
        while true {
            let answer = try await connection.send(request, shape, scope, changes: false, position.additions)
            // Some servers say 404 to the page after the last.
            if answer.isGone { return position.number == 1 ? .gone : .complete }
            scope.response = answer.value
            let items = try items(scope, answer)
            if position.isRepetition(items) { return .complete }
            guard try visit(items, scope) else { return .stopped }
            guard let paging = rule.page else { return .complete }
            guard let next = try position.next(after: items, answer, paging, connection, scope) else {
                return .complete
            }
            guard next.number <= paging.limit else {
                throw ProviderError(
                    .unexpected,
                    "\(answer.request.summary): there are more than \(paging.limit) pages. If the list is that long, raise "
                        + "`limit` of its page, or ask for more on a page with `of`.")
            }
            position = next
        }
    }

    private func items(_ scope: OperationScope, _ answer: Answer) throws(ProviderError) -> [Value] {
        let value = try connection.evaluate(rule.items, scope)
        if let items = value.asList { return items }
        // Some servers leave an empty list out.
        if value.isNull { return [] }
        throw ProviderError(
            .unexpected,
            "\(answer.request.summary): \(rule.items.range): the resources in the answer are no list")
    }
}

/// Where in a list the next request asks.
private struct PagePosition {
    /// From 1.
    private(set) var number = 1
    private(set) var additions = APIConnection.Additions()
    /// Resources so far.
    private var count = 0
    private var lastItems: [Value] = []
    private var seen: Set<String> = []
    private var countsPages = false

    init(_ paging: Paging?) {
        guard let paging else { return }
        switch paging.style {
        case .number(let parameter, let first):
            (additions.parameters, countsPages) = ([(parameter, .number(first))], true)
        case .offset(let parameter): (additions.parameters, countsPages) = ([(parameter, 0)], true)
        case .cursor, .link, .url: break
        }
        if let name = paging.sizeParameter, let size = paging.size {
            additions.parameters.append((name, .number(size)))
        }
    }

    /// A server that knows nothing of pages answers the same again. One that is led by its own words does not.
    func isRepetition(_ items: [Value]) -> Bool {
        countsPages && number > 1 && !items.isEmpty && items == lastItems
    }

    /// Nil after the last page.
    func next(
        after items: [Value], _ answer: Answer, _ paging: Paging, _ connection: APIConnection, _ scope: OperationScope
    ) throws(ProviderError) -> PagePosition? {
        var next = self
        next.number += 1
        next.count += items.count
        next.lastItems = items
        if let more = paging.more {
            let flag = try connection.evaluate(more, scope)
            if flag.isNull || flag.asBool == false || flag.asText == "false" { return nil }
        }
        if let total = paging.total {
            let value = try connection.evaluate(total, scope)
            guard let all = value.asInt ?? value.asString.flatMap({ Int($0) }) else {
                throw ProviderError(
                    .unexpected, "\(answer.request.summary): \(total.range): the total is no number")
            }
            if next.count >= all { return nil }
        }
        switch paging.style {
        case .number(let parameter, let first):
            if isLast(items) { return nil }
            next.replace(parameter, .number(first + number))
        case .offset(let parameter):
            if isLast(items) { return nil }
            next.replace(parameter, .number(next.count))
        case .cursor(let parameter, let from):
            let value = try connection.evaluate(from, scope)
            guard !value.isNull, value.asBool != false, let cursor = value.asText, !cursor.isEmpty else { return nil }
            try next.refuseRepetition(cursor, answer)
            next.replace(parameter, value)
        case .link(let relation):
            guard let target = LinkHeader.target(of: relation, in: answer.value) else { return nil }
            try next.follow(target, answer, connection, paging)
        case .url(let expression):
            let value = try connection.evaluate(expression, scope)
            guard let target = value.asString, !target.isEmpty else { return nil }
            try next.follow(target, answer, connection, paging, at: expression.range)
        }
        return next
    }

    /// A page shorter than the first is the last; what is asked for says little, since servers have bounds of their own.
    private func isLast(_ items: [Value]) -> Bool {
        items.isEmpty || (number > 1 && items.count < lastItems.count)
    }

    private mutating func replace(_ parameter: String, _ value: Value) {
        additions.parameters.removeAll { $0.0 == parameter }
        additions.parameters.append((parameter, value))
    }

    private mutating func follow(
        _ target: String, _ answer: Answer, _ connection: APIConnection, _ paging: Paging, at range: SourceRange? = nil
    ) throws(ProviderError) {
        try refuseRepetition(target, answer)
        let place = range ?? connection.api.wholeRange
        // `?page=2` is meant to stand behind the path that was asked.
        let whole = target.hasPrefix("?") ? answer.request.url.prefix { $0 != "?" } + target : target[...]
        additions = APIConnection.Additions(url: try connection.address(String(whole), at: place))
    }

    private mutating func refuseRepetition(_ place: String, _ answer: Answer) throws(ProviderError) {
        guard !seen.insert(place).inserted else { return }
        throw ProviderError(
            .unexpected,
            "\(answer.request.summary): the server leads in a circle: it has named the next page "
                + "\"\(answer.request.redaction.text(String(place.prefix(200))))\" before")
    }
}

/// Reads the header `Link` (RFC 8288).
enum LinkHeader {
    /// The target of the first link that has the relation; nil where there is none.
    static func target(of relation: String, in answer: Value) -> String? {
        guard let header = answer[key: "headers"]?[key: "link"]?.asString else { return nil }
        var rest = header[...]
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let target = rest[rest.index(after: open)..<close]
            let parameters = rest[rest.index(after: close)...].prefix { $0 != "<" }
            if relations(parameters).contains(where: { $0.lowercased() == relation.lowercased() }) {
                return String(target)
            }
            rest = rest[parameters.endIndex...]
        }
        return nil
    }

    /// `; rel="next last", ` has two.
    private static func relations(_ parameters: Substring) -> [Substring] {
        for parameter in parameters.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ !$0.isWhitespace }).lowercased() == "rel" else { continue }
            return parts[1].split(whereSeparator: { $0.isWhitespace || $0 == "\"" })
        }
        return []
    }
}

extension APIDescription {
    /// The whole file, for what has no place of its own.
    var wholeRange: SourceRange { SourceRange(file: file, start: 0, end: 0) }
}
