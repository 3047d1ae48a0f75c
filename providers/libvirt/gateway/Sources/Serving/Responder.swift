import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Where a request came from, as Hummingbird hands it over.
struct Arrival: InitializableFromSource {
    typealias Source = ApplicationRequestContextSource

    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// Holds each request against the contract, then asks the operation's handler.
struct Responder: HTTPResponder {
    typealias Handler = @Sendable (Call) async throws(Problem) -> Answer
    typealias Context = Arrival

    static let longestBody = 1 << 20

    let contract: Contract
    let handlers: [String: Handler]
    let authenticator: Authenticator
    let metrics: Metrics
    let logger: Logger

    init(
        contract: Contract, handlers: [String: Handler], authenticator: Authenticator, metrics: Metrics, logger: Logger
    ) {
        let known = Set(contract.operations.map(\.id))
        precondition(
            known == Set(handlers.keys),
            "the contract and the handlers differ: \(known.symmetricDifference(handlers.keys))")
        self.contract = contract
        self.handlers = handlers
        self.authenticator = authenticator
        self.metrics = metrics
        self.logger = logger
    }

    func respond(to request: Request, context: Arrival) async throws -> Response {
        let begin = ContinuousClock.now
        var record = Record(operation: "none")
        let answer: Answer
        do throws(Problem) {
            answer = try await self.answer(request, context, &record)
        } catch {
            answer = Responder.answer(error, to: request)
            record.problem = error
        }
        let duration = begin.duration(to: .now)
        metrics.countRequest(record.operation, status: answer.status.code, duration)
        log(record, request, answer.status.code, duration)
        return Response(status: answer.status, headers: answer.headers, body: answer.body)
    }

    /// What is logged of a request.
    private struct Record {
        var operation: String
        var caller = ""
        var problem: Problem?
    }

    private func answer(
        _ request: Request, _ arrival: Arrival, _ record: inout Record
    ) async throws(Problem) -> Answer {
        let caller = try await authenticator.caller(request.headers, arrival.channel)
        record.caller = caller.name
        let (operation, path) = try match(request)
        record.operation = operation.id
        guard caller.role == .write || operation.method == .get else {
            throw Problem(
                .forbidden, "The token does not allow that", detail: "The token of \(caller.name) may only read.")
        }
        guard let handler = handlers[operation.id] else { preconditionFailure("an operation has no handler") }
        let query = try Responder.query(request.uri.query)
        try check(operation, path, query, request.headers)
        let body = try await body(of: request, operation)
        let length = request.headers[.contentLength].flatMap { Int($0) }
        return try await handler(
            Call(path: path, query: query, headers: request.headers, body: body, stream: request.body, length: length))
    }

    private func match(_ request: Request) throws(Problem) -> (Contract.Operation, [String: String]) {
        let path = request.uri.string.prefix { $0 != "?" && $0 != "#" }
        switch contract.match(request.method, path) {
        case .found(let operation, let values): return (operation, values)
        case .wrongMethod(let allowed):
            var problem = Problem(
                .methodNotAllowed, "The path does not have this method",
                detail: "It has \(allowed.joined(separator: ", ")).")
            problem.headers[.allow] = allowed.joined(separator: ", ")
            throw problem
        case .nothing:
            throw Problem(.notFound, "No such path", detail: "The paths are described in /openapi.json.")
        }
    }

    private static func query(_ text: String?) throws(Problem) -> [String: [String]] {
        var query: [String: [String]] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard let name = parts.first ?? nil, let value = parts.count > 1 ? parts[1] : "" else {
                throw Problem(.badRequest, "The query cannot be read", detail: "It is not percent-encoded UTF-8.")
            }
            query[name, default: []].append(value)
        }
        return query
    }

    private func check(
        _ operation: Contract.Operation, _ path: [String: String], _ query: [String: [String]], _ headers: HTTPFields
    ) throws(Problem) {
        var checker = SchemaChecker(schemas: contract.schemas)
        for parameter in operation.parameters {
            let texts: [String]? =
                switch parameter.place {
                case .path: path[parameter.name].map { [$0] }
                case .query: query[parameter.name]
                case .header: HTTPField.Name(parameter.name).flatMap { headers[$0] }.map { [$0] }
                }
            if let texts {
                checker.check(parameter.value(texts), parameter.schema, at: parameter.name)
                // libvirt's C library would see the text up to here.
                if texts.contains(where: { $0.contains("\0") }) {
                    throw Problem(.badRequest, "A parameter is wrong", detail: "\(parameter.name) holds a NUL.")
                }
            }
        }
        var faults = checker.faults
        let known = Set(operation.parameters.filter { $0.place == .query }.map(\.name))
        for name in query.keys.sorted() where !known.contains(name) {
            let list = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
            faults.append(Problem.Fault(pointer: name, detail: "No such parameter. There are: \(list)."))
        }
        guard faults.isEmpty else { throw Problem(.badRequest, "A parameter is wrong", errors: faults) }
    }

    private func body(of request: Request, _ operation: Contract.Operation) async throws(Problem) -> [UInt8] {
        guard let wanted = operation.body else { return [] }
        let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
            .filter { !$0.isWhitespace }
        let expected =
            switch wanted {
            case .json: "application/json"
            case .stream(let type): type
            }
        guard type == expected else {
            throw Problem(
                .unsupportedMediaType, "The body has another type", detail: "Content-Type has to be \(expected).")
        }
        if case .stream("application/octet-stream") = wanted { return [] }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: Responder.longestBody)
        } catch {
            throw Problem(
                .contentTooLarge, "The body is too long", detail: "At most \(Responder.longestBody) bytes are read.")
        }
        let body = Array(bytes.readableBytesView)
        if case .json(let schema) = wanted { try check(body, schema) }
        return body
    }

    private func check(_ body: [UInt8], _ schema: Schema) throws(Problem) {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(body))
        } catch {
            throw Problem(.badRequest, "The body is no JSON", detail: "It has to be one JSON document in UTF-8.")
        }
        var checker = SchemaChecker(schemas: contract.schemas)
        checker.check(value, schema)
        guard checker.faults.isEmpty else {
            throw Problem(.unprocessableContent, "The request is not as the contract has it", errors: checker.faults)
        }
    }

    private static func answer(_ problem: Problem, to request: Request) -> Answer {
        var problem = problem
        problem.instance = request.uri.path
        let bytes = (try? JSONText.encode(problem)) ?? []
        var answer = Answer(status: problem.status, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        answer.headers = problem.headers
        answer.headers[.contentType] = "application/problem+json"
        // What was not read of the body is not waited for.
        if request.method != .get { answer.headers[.connection] = "close" }
        return answer
    }

    private func log(_ record: Record, _ request: Request, _ status: Int, _ duration: Duration) {
        var fields: Logger.Metadata = [
            "operation": "\(record.operation)", "method": "\(request.method)",
            "path": "\(request.uri.path.prefix(500))",
            "status": "\(status)", "milliseconds": "\(Int(duration.seconds * 1000))", "caller": "\(record.caller)",
        ]
        if let problem = record.problem {
            fields["problem"] = "\(problem.title)"
            fields["detail"] = "\(problem.detail ?? problem.errors.first.map { "\($0.pointer): \($0.detail)" } ?? "")"
        }
        let level: Logger.Level =
            status >= 500 ? .error : status >= 400 ? .notice : request.method == .get ? .debug : .info
        logger.log(level: level, "request", metadata: fields)
    }
}
