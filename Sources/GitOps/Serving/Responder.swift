internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import PlumbModel

/// Where a request came from, as Hummingbird hands it over.
struct Arrival: InitializableFromSource {
    typealias Source = ApplicationRequestContextSource

    /// An IP address, or `unix`.
    let address: String

    init(source: ApplicationRequestContextSource) {
        address = source.channel.remoteAddress?.ipAddress ?? "unix"
    }
}

/// Finds out who asks for what, lets the route answer, and notes what was refused.
struct Responder: HTTPResponder {
    typealias Context = Arrival

    let routes: [Route]
    let authenticator: Authenticator
    /// Of wrong tokens.
    let failures: FailureLimit
    let audit: AuditLog
    let counts: ServerCounts
    let logger: Logger
    /// How long a whole body may take.
    let bodySeconds: Double
    /// Seconds since 1970.
    let now: @Sendable () -> Double

    func respond(to request: Request, context: Arrival) async throws -> Response {
        let begin = ContinuousClock.now
        let trace = Call.Trace()
        var answer: Answer
        var refusal: Problem?
        do throws(Problem) {
            answer = try await self.answer(request, context, trace)
        } catch {
            refusal = error
            answer = .problem(error, instance: request.uri.path)
            // What was not read of a body is not waited for.
            if request.method != .get { answer.headers[.connection] = "close" }
        }
        if answer.headers[.cacheControl] == nil { answer.headers[.cacheControl] = "no-store" }
        answer.headers[.contentTypeOptions] = "nosniff"
        let facts = trace.known
        if let refusal { await note(refusal, facts, context, request) }
        counts.countRequest(facts.operation, status: answer.status.code, begin.duration(to: .now))
        log(facts, refusal, request, context, answer.status.code, begin.duration(to: .now))
        return Response(status: answer.status, headers: answer.headers, body: answer.body)
    }

    private func answer(_ request: Request, _ arrival: Arrival, _ trace: Call.Trace) async throws(Problem) -> Answer {
        let (route, path) = try route(request)
        trace.note { facts in
            facts.operation = route.id
            if request.method == .post { facts.action = String(route.path.split(separator: "/").last ?? "") }
            // What is not known to be a stack's name may be of any length.
            facts.stack = String((path["stack"] ?? "").prefix(200))
        }
        let now = now()
        let caller = try caller(route, request, arrival, now)
        if let caller { trace.note { $0.actor = caller.name } }
        if case .role(let role) = route.access, let caller, caller.token.role < role {
            throw Problem(
                .forbidden, "The role is too small",
                "The token of \(caller.name) has the role \(caller.token.role.rawValue); this is for the role "
                    + "\(role.rawValue)\(role == .admin ? "" : " and above").")
        }
        let query = try Responder.query(request.uri.query, known: route.query)
        return try await route.handler(
            Call(
                path: path, query: query, request: request, address: arrival.address, caller: caller, now: now,
                bodySeconds: bodySeconds, trace: trace))
    }

    private func route(_ request: Request) throws(Problem) -> (Route, [String: String]) {
        let path = request.uri.string.prefix { $0 != "?" && $0 != "#" }
        let sent = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var allowed: [String] = []
        for route in routes {
            guard path.hasPrefix("/"), let parameters = route.parameters(of: sent) else { continue }
            if route.method == request.method { return (route, parameters) }
            allowed.append(route.method.rawValue)
        }
        guard !allowed.isEmpty else {
            throw Problem(.notFound, "No such path", "The paths are described in /openapi.json.")
        }
        let methods = allowed.sorted().joined(separator: ", ")
        var problem = Problem(.methodNotAllowed, "The path does not have this method", "It has \(methods).")
        problem.headers[.allow] = methods
        throw problem
    }

    /// Nil where nobody has to say who he is.
    private func caller(
        _ route: Route, _ request: Request, _ arrival: Arrival, _ now: Double
    ) throws(Problem) -> Caller? {
        switch route.access {
        case .everybody: return nil
        case .metrics where authenticator.access.hasOpenMetrics: return nil
        case .metrics, .role: break
        }
        if request.headers[.authorization] != nil, let seconds = failures.pause(of: arrival.address) {
            throw .tooMany("Too many wrong tokens came from this address. Wait \(seconds) s.", retryAfter: seconds)
        }
        let caller: Caller
        do throws(Authenticator.Refusal) {
            caller = try authenticator.authenticate(request.headers[.authorization], now: now)
        } catch {
            switch error {
            case .missing: throw .unauthorized("The request has no token. Send Authorization: Bearer TOKEN.")
            case .wrong(let detail):
                counts.countFailedAuthentication()
                _ = failures.spend(arrival.address)
                throw .unauthorized(detail)
            }
        }
        if route.access == .metrics, caller.token.stacks != nil {
            throw Problem(
                .forbidden, "The token is for some stacks only",
                "Metrics tell of all stacks: use a token without `stacks`.")
        }
        return caller
    }

    private static func query(_ text: String?, known: [String]) throws(Problem) -> [String: String] {
        var query: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                PercentDecoding.decode($0.replacing("+", with: " ")[...])
            }
            guard let name = parts[0], let value = parts.count > 1 ? parts[1] : "" else {
                throw .malformed("The query is not percent-encoded UTF-8.")
            }
            guard known.contains(name) else {
                let list = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw .malformed(
                    "There is no parameter \"\(name)\".\(Suggestion.didYouMean(name, among: known)) There are: \(list)."
                )
            }
            guard query.updateValue(value, forKey: name) == nil else {
                throw .malformed("The parameter \"\(name)\" stands there twice.")
            }
        }
        return query
    }

    /// Whoever was not let in, and whoever wanted to change something and could not.
    private func note(_ problem: Problem, _ facts: Call.Trace.Facts, _ arrival: Arrival, _ request: Request) async {
        let isOfAccess = [.unauthorized, .forbidden, .tooManyRequests].contains(problem.status)
        guard isOfAccess || !facts.action.isEmpty else { return }
        await audit.note(
            AuditEntry(
                action: facts.action.isEmpty ? "request" : facts.action, stack: facts.stack, actor: facts.actor,
                reason: facts.reason, address: arrival.address, outcome: .refused,
                detail: String("\(problem.status.code) \(problem.title): \(problem.detail)".prefix(500))), now: now())
    }

    private func log(
        _ facts: Call.Trace.Facts, _ refusal: Problem?, _ request: Request, _ arrival: Arrival, _ status: Int,
        _ duration: Duration
    ) {
        var fields: Logger.Metadata = [
            "operation": "\(facts.operation)", "method": "\(request.method)", "path": "\(request.uri.path.prefix(500))",
            "status": "\(status)", "milliseconds": "\(Int(duration / .milliseconds(1)))", "actor": "\(facts.actor)",
            "address": "\(arrival.address)",
        ]
        if let refusal { fields["detail"] = "\(refusal.title): \(refusal.detail)" }
        // Refusals that anybody can cause any number of times are counted, and told by the audit log's own lines.
        let level: Logger.Level =
            status >= 500 ? .error : status >= 400 || request.method == .get ? .debug : .info
        logger.log(level: level, "request", metadata: fields)
    }
}
