internal import HTTPTypes
internal import PlumbModel

/// Why a request was not answered as it was meant to be, as RFC 9457 has it.
struct Problem: Error, Sendable {
    let status: HTTPResponse.Status
    /// Fixed text: what kind of problem it is.
    let title: String
    let detail: String
    /// Headers of the answer, such as Retry-After.
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ title: String, _ detail: String) {
        self.status = status
        self.title = title
        self.detail = detail
    }

    func json(instance: String) -> String {
        let body: Value = [
            "type": "about:blank", "title": .string(title), "status": .number(status.code), "detail": .string(detail),
            "instance": .string(instance),
        ]
        return body.json
    }
}

extension Problem {
    static func malformed(_ detail: String) -> Problem { Problem(.badRequest, "The request is not understood", detail) }

    static func unprocessable(_ detail: String) -> Problem {
        Problem(.unprocessableContent, "The request cannot be carried out", detail)
    }

    /// The same for a stack that is not there and for one that the token is not for.
    static func noStack(_ name: String) -> Problem {
        Problem(
            .notFound, "No such stack",
            "There is no stack \"\(name)\" here, or the token is not for it. GET /api/v1/stacks lists those it is for.")
    }

    static func unauthorized(_ detail: String) -> Problem {
        var problem = Problem(.unauthorized, "Who asks is not known", detail)
        problem.headers[.wwwAuthenticate] = "Bearer"
        return problem
    }

    static func tooMany(_ detail: String, retryAfter seconds: Int) -> Problem {
        var problem = Problem(.tooManyRequests, "Too many failed attempts", detail)
        problem.headers[.retryAfter] = "\(seconds)"
        return problem
    }

    /// What the controller could not read, or does not take on.
    init(_ status: HTTPResponse.Status, _ diagnostics: Diagnostics) {
        let errors = diagnostics.all.filter { $0.severity == .error }
        self.init(
            status, errors.first?.summary ?? "The controller refused",
            errors.map(\.detail).joined(separator: " "))
    }
}
