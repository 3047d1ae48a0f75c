internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import PlumbModel

/// What a handler answers.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ResponseBody

    init(_ status: HTTPResponse.Status, _ type: String, _ bytes: some Sequence<UInt8> & Sendable) {
        self.status = status
        headers = [.contentType: type]
        body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    }

    static func json(_ value: Value, _ status: HTTPResponse.Status = .ok) -> Answer {
        json(raw: value.json, status)
    }

    /// - Parameter text: is JSON already.
    static func json(raw text: String, _ status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status, "application/json", Array(text.utf8))
    }

    static func text(_ text: String, _ type: String, _ status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status, type, Array(text.utf8))
    }

    static func items(_ items: [Value]) -> Answer { json(["items": .tuple(items)]) }

    /// Ends with the body, whenever that is.
    static func stream(_ type: String, _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void)
        -> Answer
    {
        var answer = Answer(.ok, type, [])
        answer.body = ResponseBody(body)
        return answer
    }

    static func problem(_ problem: Problem, instance: String) -> Answer {
        var answer = Answer(
            problem.status, "application/problem+json", Array(problem.json(instance: instance).utf8))
        for field in problem.headers { answer.headers[field.name] = field.value }
        return answer
    }
}
