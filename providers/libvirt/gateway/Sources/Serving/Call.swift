import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore

/// A request that the contract allows: its parameters and its body are what their schemas want.
struct Call: Sendable {
    let path: [String: String]
    let query: [String: [String]]
    var headers: HTTPFields
    /// Empty where a handler reads `stream`.
    let body: [UInt8]
    let stream: RequestBody
    let length: Int?

    /// Compares in lower case, as the contract has UUIDs.
    func parameter(_ name: String) -> String { path[name] ?? "" }

    func query(_ name: String) -> String? { query[name]?.last }

    func integer(_ name: String) -> Int64? { query(name).flatMap { Int64($0) } }

    func decode<Body: Decodable>(_ type: Body.Type) throws(Problem) -> Body {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw Problem(.unprocessableContent, "The request cannot be carried out", detail: "\(error)")
        }
    }

    /// Refuses with 412 where the client has seen another version than `etag`, which is nil for what does not exist.
    func checkPreconditions(_ etag: String?) throws(Problem) {
        let failed: String?
        if let wanted = headers[.ifMatch] {
            let holds = etag.map { Call.names(wanted, $0) } ?? false
            failed = holds ? nil : etag == nil ? "It does not exist." : "It has changed since."
        } else if let unwanted = headers[.ifNoneMatch], let etag, Call.names(unwanted, etag) {
            failed = "It exists already."
        } else {
            failed = nil
        }
        if let failed {
            throw Problem(.preconditionFailed, "The resource is not as expected", detail: "\(failed) Read it again.")
        }
    }

    /// Whether the client has this version already.
    func isKnown(_ etag: String) -> Bool {
        headers[.ifNoneMatch].map { Call.names($0, etag) } ?? false
    }

    private static func names(_ header: String, _ etag: String) -> Bool {
        header.split(separator: ",").contains { word in
            var word = word.trimming(while: { $0 == " " })
            if word == "*" { return true }
            if word.hasPrefix("W/") { word = word.dropFirst(2) }
            return word == "\"\(etag)\""
        }
    }
}

extension Substring {
    fileprivate func trimming(while isSpace: (Character) -> Bool) -> Substring {
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text = text.dropLast() }
        return text
    }
}

/// What a handler answers.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body: ResponseBody

    static func json(
        _ value: some Encodable, _ status: HTTPResponse.Status = .ok, etag: String? = nil, location: String? = nil
    ) throws(Problem) -> Answer {
        var answer = Answer(
            status: status, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONText.encode(value))))
        answer.headers[.contentType] = "application/json"
        answer.headers[.eTag] = etag.map { "\"\($0)\"" }
        answer.headers[.location] = location
        return answer
    }

    static func bytes(_ bytes: [UInt8], _ type: String) -> Answer {
        Answer(status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static let nothing = Answer(status: .noContent, body: ResponseBody())

    static func unchanged(_ etag: String) -> Answer {
        Answer(status: .notModified, headers: [.eTag: "\"\(etag)\""], body: ResponseBody())
    }

    /// A resource that a GET asks for.
    static func resource(_ resource: some Resource, for call: Call) throws(Problem) -> Answer {
        let etag = try resource.etag()
        if call.isKnown(etag) { return .unchanged(etag) }
        return try .json(Tagged(resource: resource, etag: etag), etag: etag)
    }

    /// A resource after a PUT.
    static func written(_ resource: some Resource, isNew: Bool) throws(Problem) -> Answer {
        let etag = try resource.etag()
        return try .json(Tagged(resource: resource, etag: etag), isNew ? .created : .ok, etag: etag)
    }

    static func list(_ resources: [some Resource]) throws(Problem) -> Answer {
        var items: [JSONItem] = []
        for resource in resources { items.append(JSONItem(Tagged(resource: resource, etag: try resource.etag()))) }
        return try .json(["items": items])
    }
}

/// Any encodable value, so that lists of several kinds are written by the same function.
struct JSONItem: Encodable {
    private let write: (any Encoder) throws -> Void

    init(_ value: some Encodable) { write = value.encode }

    func encode(to encoder: any Encoder) throws { try write(encoder) }
}
