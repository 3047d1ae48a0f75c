/// The headers of a request or response, in the order in which they were sent; names are compared without case.
public struct HTTPHeaders: Sendable, Hashable {
    public struct Header: Sendable, Hashable {
        public let name: String
        public let value: String
    }

    private var headers: [Header] = []

    public init(_ headers: [(String, String)] = []) {
        self.headers = headers.map { Header(name: $0.0, value: $0.1) }
    }

    /// The first value of that name. Setting replaces all values of the name; nil removes them.
    public subscript(name: String) -> String? {
        get { headers.first { HTTPHeaders.areSame($0.name, name) }?.value }
        set {
            headers.removeAll { HTTPHeaders.areSame($0.name, name) }
            if let newValue { headers.append(Header(name: name, value: newValue)) }
        }
    }

    public mutating func append(_ name: String, _ value: String) {
        headers.append(Header(name: name, value: value))
    }

    static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8, by: { lower($0) == lower($1) })
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}

extension HTTPHeaders: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { headers.count }
    public subscript(position: Int) -> Header { headers[position] }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { ($0.0, $0.1) })
    }
}
