internal import HTTPTransport
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Asks one forge's API: JSON both ways, pages, what was seen before, and refusals in words that say what to do.
///
/// Retries, pauses for spent quotas and the number of requests at a time are the transport's.
struct ForgeClient: Sendable {
    let kind: ForgeKind
    /// Without a slash at the end: `https://api.github.com`.
    let base: String
    let http: HTTPClient
    let authenticator: any RequestAuthenticator
    let headers: HTTPHeaders
    /// How long GitHub wants to be left alone where it does not say how long.
    let unsaidPause: Duration
    private let seen = SeenAnswers()

    /// More pages than any pull request has; a server that always has a next one must not be asked for ever.
    private static let mostPages = 1000
    private static let pageSize = 100

    init(
        kind: ForgeKind, base: String, http: HTTPClient, authenticator: any RequestAuthenticator,
        headers: HTTPHeaders = [:], unsaidPause: Duration = .seconds(60)
    ) throws(ForgeError) {
        guard base.hasPrefix("https://") || base.hasPrefix("http://") else {
            throw ForgeError(
                .invalidSettings,
                "The address of \(kind.title) is \(base.debugDescription); it must begin with https:// or http://.")
        }
        self.kind = kind
        self.base = String(base.reversed().drop { $0 == "/" }.reversed())
        self.http = http
        self.authenticator = authenticator
        self.headers = headers
        self.unsaidPause = unsaidPause
    }

    // MARK: - Reading

    /// - Parameter path: with its slash, each segment escaped.
    func get<T: Decodable>(
        _ type: T.Type, _ path: String, _ query: [(String, String)] = []
    ) async throws(ForgeError) -> T {
        try decoded(type, await read(base + path + URLText.query(query)), "GET \(path)")
    }

    /// The elements of all pages, in the forge's order.
    ///
    /// - Parameter goesOn: asked after each page with what it brought; false leaves out the rest.
    func list<T: Decodable & Sendable>(
        _ type: T.Type, _ path: String, _ query: [(String, String)] = [], while goesOn: ([T]) -> Bool = { _ in true }
    ) async throws(ForgeError) -> [T] {
        guard kind == .gitea else { return try await pages([T].self, path, query, while: goesOn).flatMap(\.self) }
        return try await numbered(type, path, query)
    }

    /// Gitea's lists, of which some say how many elements there are and not where the next page is.
    private func numbered<T: Decodable & Sendable>(
        _ type: T.Type, _ path: String, _ query: [(String, String)]
    ) async throws(ForgeError) -> [T] {
        var found: [T] = []
        for number in 1...ForgeClient.mostPages {
            let paging = [("limit", "50"), ("page", String(number))]
            let response = try await read(base + path + URLText.query(query + paging))
            let page = try decoded([T].self, response, "GET \(path)")
            found += page
            let total = response.headers["X-Total-Count"].flatMap { Int($0) }
            let isMore = total.map { found.count < $0 } ?? (LinkHeader.next(response.headers) != nil)
            if page.isEmpty || !isMore { return found }
        }
        throw unreadable("GET \(path)", "it has more than \(ForgeClient.mostPages) pages")
    }

    /// All pages as they come.
    func pages<Page: Decodable & Sendable>(
        _ type: Page.Type, _ path: String, _ query: [(String, String)] = [],
        while goesOn: (Page) -> Bool = { _ in true }
    ) async throws(ForgeError) -> [Page] {
        let place = base + path
        var url = place + URLText.query(query + [("per_page", String(ForgeClient.pageSize))])
        var pages: [Page] = []
        for _ in 0..<ForgeClient.mostPages {
            let response = try await read(url)
            let page = try decoded(type, response, "GET \(path)")
            pages.append(page)
            guard goesOn(page), let next = LinkHeader.next(response.headers) else { return pages }
            guard let question = next.firstIndex(of: "?") else {
                throw unreadable("GET \(path)", "its next page has no query")
            }
            // The forge may know itself under another name than we do, and our token goes nowhere else: only the query is
            // taken from what it says.
            let following = place + next[question...].prefix { $0 != "#" }
            guard following != url else { throw unreadable("GET \(path)", "a page names itself as the next one") }
            url = following
        }
        throw unreadable("GET \(path)", "it has more than \(ForgeClient.mostPages) pages")
    }

    /// What was answered before is not sent again where it has not changed, which costs nothing of GitHub's quota.
    private func read(_ url: String) async throws(ForgeError) -> HTTPResponse {
        var request = HTTPRequest("GET", url, headers: headers, authenticator: authenticator)
        request.redirects = .follow(atMost: 3)
        let known = seen[url]
        if let known { request.headers["If-None-Match"] = known.tag }
        let response = try await answer(request)
        if response.status == 304 {
            guard let known else { throw unreadable(request.summary, "304 to a question without a condition") }
            return known.response
        }
        if let tag = response.headers["ETag"] { seen[url] = SeenAnswers.Answer(tag: tag, response: response) }
        return response
    }

    // MARK: - Writing

    /// - Parameter isIdempotent: whether sending it twice has the effect of sending it once.
    @discardableResult
    func send(
        _ method: String, _ path: String, _ body: Value? = nil, isIdempotent: Bool
    ) async throws(ForgeError) -> HTTPResponse {
        var headers = headers
        var bytes: [UInt8] = []
        if let body {
            var writer = JSONWriter()
            writer.write(body)
            bytes = writer.bytes
            headers["Content-Type"] = "application/json"
        }
        let request = HTTPRequest(
            method, base + path, headers: headers, body: bytes, isIdempotent: isIdempotent,
            authenticator: authenticator)
        return try await answer(request)
    }

    func send<T: Decodable>(
        _ type: T.Type, _ method: String, _ path: String, _ body: Value? = nil, isIdempotent: Bool
    ) async throws(ForgeError) -> T {
        try decoded(type, await send(method, path, body, isIdempotent: isIdempotent), "\(method) \(path)")
    }

    // MARK: - Answers

    private func answer(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse {
        var pause = unsaidPause
        for _ in 0..<2 {
            let response = try await once(request)
            let refusal = ForgeRefusal(kind, response)
            guard refusal.isUnsaidThrottling else { return try succeeded(response, request, refusal) }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw ForgeError(.cancelled, "\(request.summary): cancelled while \(kind.title) wants to be left alone")
            }
            pause *= 2
        }
        let response = try await once(request)
        return try succeeded(response, request, ForgeRefusal(kind, response))
    }

    private func once(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch {
            throw ForgeError(kind, error)
        }
    }

    private func succeeded(
        _ response: HTTPResponse, _ request: HTTPRequest, _ refusal: ForgeRefusal
    ) throws(ForgeError) -> HTTPResponse {
        if (200..<300).contains(response.status) || response.status == 304 { return response }
        throw refusal.error(to: request)
    }

    func decoded<T: Decodable>(
        _ type: T.Type, _ response: HTTPResponse, _ what: String
    ) throws(ForgeError) -> T {
        do {
            return try JSONDecoder.forForges.decode(type, from: Data(response.body))
        } catch {
            throw unreadable(what, JSONReason.text(error))
        }
    }

    /// The two parts of `acme/platform`, escaped.
    func parts(ofTeam name: String) throws(ForgeError) -> (organisation: String, team: String) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ForgeError(
                .invalidSettings,
                "\(name.debugDescription) is no team of \(kind.title): write `ORGANISATION/TEAM`, as `acme/platform`.")
        }
        return (URLText.escaped(parts[0]), URLText.escaped(parts[1]))
    }

    func unreadable(_ what: String, _ why: String) -> ForgeError {
        ForgeError(
            .unreadable,
            "\(what) at \(base): the answer is not what \(kind.title) answers: \(why). Is the address that of its API?")
    }
}

extension ForgeError {
    init(_ kind: ForgeKind, _ error: HTTPError) {
        let code: Code =
            switch error.kind {
            case .invalid: .invalidSettings
            case .unauthorized: .unauthorized
            case .cancelled: .cancelled
            case .throttled: .throttled
            case .unreadable: .unreadable
            case .unreachable, .tls, .timeout, .interrupted, .closed: .unavailable
            }
        // Without credentials it was not even asked.
        let what = code == .unauthorized ? "\(kind.title) cannot be asked" : "\(kind.title) has not answered"
        self.init(code, "\(what): \(error.message)", isOutcomeUnknown: error.isOutcomeUnknown)
    }
}

extension JSONDecoder {
    /// A new one each time: decoders are no values, and cost little beside a request.
    static var forForges: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}

/// Says in one sentence where a JSON text is not of the shape that is expected.
enum JSONReason {
    static func text(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it is no JSON" }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context, key)) is missing"
        case .typeMismatch(_, let context): "\(place(context)) is of another type"
        case .valueNotFound(_, let context): "\(place(context)) is null"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is no JSON" : "\(place(context)) is malformed"
        @unknown default: "it is no JSON"
        }
    }

    private static func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
        let path = (context.codingPath + (key.map { [$0] } ?? [])).map { key in
            key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
        }
        return path.isEmpty ? "the whole" : "\"\(path.joined().drop { $0 == "." })\""
    }
}
