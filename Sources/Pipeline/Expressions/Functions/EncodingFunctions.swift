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
            .string(Base64.encode(try TextEncoding(arguments.string(1)).encode(arguments.string(0))))
        },
        Function("textdecodebase64", [text, encoding], returns: .string) { (arguments) throws(FunctionError) in
            .string(try TextEncoding(arguments.string(1)).decode(try decoded(arguments)))
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
