import PlumbModel

/// Functions between values and their written forms: JSON, YAML, CSV, base64, URLs.
enum EncodingFunctions {
    private static let text = Function.Parameter("string", .string)
    private static let value = Function.Parameter("value", .any, allowsNull: true)
    private static let encoding = Function.Parameter("encoding", .string)

    static let all: [Function] = [
        Function("jsonencode", [value], returns: .string) { (arguments) throws(FunctionError) in
            .string(arguments[0].json)
        },
        Function("jsondecode", [text]) { (arguments) throws(FunctionError) in try readJSON(arguments.string(0)) },
        Function("yamlencode", [value], returns: .string) { (arguments) throws(FunctionError) in
            .string(YAMLWriter.document(arguments[0]))
        },
        Function("yamldecode", [text]) { (arguments) throws(FunctionError) in
            try YAMLReader.read(arguments.bytes(0))
        },
        Function("csvdecode", [text], returns: .list(.any)) { (arguments) throws(FunctionError) in
            try CSVReader.read(arguments.bytes(0))
        },
        Function("base64encode", [text], returns: .string) { (arguments) throws(FunctionError) in
            .string(Base64.encode(arguments.bytes(0)))
        },
        Function("base64decode", [text], returns: .string) { (arguments) throws(FunctionError) in
            guard let result = String(validating: try decoded(arguments), as: UTF8.self) else {
                throw FunctionError("what is encoded is no UTF-8 text, and strings hold nothing else", argument: 0)
            }
            return .string(result)
        },
        Function("base64gzip", [text], returns: .string) { (arguments) throws(FunctionError) in
            .string(Base64.encode(Gzip.compress(arguments.bytes(0))))
        },
        Function("textencodebase64", [text, encoding], returns: .string) { (arguments) throws(FunctionError) in
            .string(Base64.encode(try TextEncoding(arguments).encode(arguments.string(0))))
        },
        Function("textdecodebase64", [text, encoding], returns: .string) { (arguments) throws(FunctionError) in
            .string(try TextEncoding(arguments).decode(try decoded(arguments)))
        },
        Function("urlencode", [text], returns: .string) { (arguments) throws(FunctionError) in
            .string(urlEncoded(arguments.bytes(0)))
        },
    ]

    private static func readJSON(_ text: String) throws(FunctionError) -> Value {
        do {
            return try Value(json: text)
        } catch {
            throw FunctionError("the text is no JSON: \(error.message) at byte \(error.offset)", argument: 0)
        }
    }

    private static func decoded(_ arguments: Arguments) throws(FunctionError) -> [UInt8] {
        if let bytes = Base64.decode(arguments.string(0).utf8) { return bytes }
        throw FunctionError("the text is no base64 with padding", argument: 0)
    }

    /// As a part of a query: a space becomes `+`.
    private static func urlEncoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
            case 0x20: result.append(UInt8(ascii: "+"))
            default:
                result.append(UInt8(ascii: "%"))
                result.append(contentsOf: Formatter.hex(CollectionOfOne(byte), upper: true).utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// The encodings of text other than UTF-8 that `textencodebase64` knows.
private enum TextEncoding {
    case utf8, utf16Little, utf16Big, latin1, ascii

    init(_ arguments: Arguments) throws(FunctionError) {
        switch arguments.string(1).uppercased() {
        case "UTF-8": self = .utf8
        case "UTF-16LE": self = .utf16Little
        case "UTF-16BE": self = .utf16Big
        case "ISO-8859-1": self = .latin1
        case "US-ASCII": self = .ascii
        default:
            throw FunctionError("the encoding is one of UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1, US-ASCII", argument: 1)
        }
    }

    func encode(_ text: String) throws(FunctionError) -> [UInt8] {
        switch self {
        case .utf8: return Array(text.utf8)
        case .utf16Little: return text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case .utf16Big: return text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        case .latin1, .ascii:
            var bytes: [UInt8] = []
            for scalar in text.unicodeScalars {
                guard scalar.value < (self == .ascii ? 0x80 : 0x100) else {
                    throw FunctionError("the text has a character that the encoding lacks: \"\(scalar)\"", argument: 0)
                }
                bytes.append(UInt8(scalar.value))
            }
            return bytes
        }
    }

    func decode(_ bytes: [UInt8]) throws(FunctionError) -> String {
        let result: String?
        switch self {
        case .utf8: result = String(validating: bytes, as: UTF8.self)
        case .latin1: result = bytes.map { String(UnicodeScalar($0)) }.joined()
        case .ascii: result = bytes.contains { $0 >= 0x80 } ? nil : String(validating: bytes, as: UTF8.self)
        case .utf16Little, .utf16Big:
            let first = self == .utf16Big
            let units = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
                UInt16(bytes[first ? index : index + 1]) << 8 | UInt16(bytes[first ? index + 1 : index])
            }
            result = bytes.count % 2 == 0 ? String(validating: units, as: UTF16.self) : nil
        }
        if let result { return result }
        throw FunctionError("what is encoded is no text in this encoding", argument: 0)
    }
}
