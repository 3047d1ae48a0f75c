/// The status line and the headers of an answer, as libcurl hands out their lines.
struct ResponseHead {
    private(set) var status = 0
    private(set) var isHTTP2 = false
    private var fields: [(String, String)] = []
    private var isInformational = false

    var headers: HTTPHeaders { HTTPHeaders(fields) }

    /// True when this line was the last of the answer's head.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        // A status line begins the headers anew: those of a `100 Continue` or of a proxy are not the answer's.
        if line.starts(with: "HTTP/".utf8) {
            begin(String(decoding: line, as: UTF8.self))
            return false
        }
        if line.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) { return !isInformational }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        fields.append((name, String(decoding: ResponseHead.trimmed(line[(colon + 1)...]), as: UTF8.self)))
        return false
    }

    private mutating func begin(_ line: String) {
        let words = line.split(separator: " ")
        isHTTP2 = words.first == "HTTP/2"
        status = words.dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
        isInformational = (100...199).contains(status)
        fields.removeAll(keepingCapacity: true)
    }

    private static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var value = value.drop { isSpace($0) }
        while let last = value.last, isSpace(last) { value.removeLast() }
        return value
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
