internal import HTTPTypes
internal import PlumbModel

/// A method of a path, who may use it, and what answers.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws(Problem) -> Answer

    enum Access: Sendable, Hashable {
        case everybody
        case role(APIRole)
        /// A role, unless the settings leave the numbers open.
        case metrics
    }

    /// As the OpenAPI document has it.
    let id: String
    let method: HTTPRequest.Method
    /// `/api/v1/stacks/{stack}`
    let path: String
    let access: Access
    /// The names that a query may have.
    let query: [String]
    let handler: Handler
    private let parts: [Substring]

    init(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, _ access: Access, query: [String] = [],
        _ handler: @escaping Handler
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.access = access
        self.query = query
        self.handler = handler
        parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The parameters of a path that was sent, still percent-encoded: an encoded slash does not end a part. Nil where it is
    /// another path.
    func parameters(of sent: [Substring]) -> [String: String]? {
        guard sent.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (text, part) in zip(sent, parts) {
            if part.hasPrefix("{") {
                guard let value = PercentDecoding.decode(text), !value.isEmpty else { return nil }
                parameters[String(part.dropFirst().dropLast())] = value
            } else if part != text {
                return nil
            }
        }
        return parameters
    }
}

/// Reads what URLs write as `%` and two digits.
enum PercentDecoding {
    /// Nil where it is no UTF-8, or holds a NUL.
    static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
