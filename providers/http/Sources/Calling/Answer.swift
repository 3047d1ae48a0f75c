import HTTPTransport
import PlumbModel
import ProviderAPI

/// What a server answered to a request, with what it means for the resource.
struct Answer: Sendable {
    let request: HTTPRequest
    let response: HTTPResponse
    /// As expressions see it: `status`, `headers`, `body`.
    let value: Value
    /// The resource does not exist.
    let isGone: Bool
    /// It is as it was when its ETag was told.
    var isUnchanged: Bool { response.status == 304 }
    /// Why the server did not do it.
    let refusal: ProviderError?

    /// The body with what it was parsed into.
    static func value(of response: HTTPResponse) -> Value {
        var headers = ValueMap()
        for header in response.headers {
            let name = header.name.lowercased()
            // Several headers of one name are one list (RFC 9110).
            headers[name] = .string((headers[name]?.asString).map { "\($0), \(header.value)" } ?? header.value)
        }
        return ["status": .number(response.status), "headers": .object(headers), "body": body(of: response)]
    }

    private static func body(of response: HTTPResponse) -> Value {
        guard !response.body.isEmpty else { return .null }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        if type.contains("xml"), let content = try? XMLReader.read(response.body) { return content }
        if let content = try? Value(json: response.body) { return content }
        // Some servers do not say what they send.
        let first = response.body.first { $0 > 0x20 }
        if first == UInt8(ascii: "<"), !type.contains("html"), let content = try? XMLReader.read(response.body) {
            return content
        }
        return .string(String(decoding: response.body, as: UTF8.self))
    }

    /// The strong ETag; a weak one promises too little to write by.
    var etag: String? { response.headers["ETag"].flatMap { $0.hasPrefix("W/") ? nil : $0 } }
}
