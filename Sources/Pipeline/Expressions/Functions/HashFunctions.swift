import Crypto
import PlumbModel

/// Functions that digest texts and files.
enum HashFunctions {
    private static let text = Function.Parameter("string", .string)
    private static let path = Function.Parameter("path", .string)

    private enum Encoding {
        case hex, base64

        func text(_ digest: [UInt8]) -> String {
            self == .hex ? Formatter.hex(digest) : Base64.encode(digest)
        }
    }

    /// Digests the argument's text, or the content of the file it names.
    private static func digest(
        _ name: String, _ algorithm: (some HashFunction).Type, _ encoding: Encoding, ofFile: Bool = false
    ) -> Function {
        Function(name, [ofFile ? path : text], returns: .string) { (arguments) throws(FunctionError) in
            let bytes =
                ofFile
                ? try FileReader(arguments.files).contents(of: arguments.string(0), argument: 0) : arguments.bytes(0)
            return .string(encoding.text(hash(bytes, algorithm)))
        }
    }

    private static func hash<Algorithm: HashFunction>(_ bytes: [UInt8], _ algorithm: Algorithm.Type) -> [UInt8] {
        var hasher = Algorithm()
        bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return Array(hasher.finalize())
    }

    static let all: [Function] = [
        digest("md5", Insecure.MD5.self, .hex),
        digest("sha1", Insecure.SHA1.self, .hex),
        digest("sha256", SHA256.self, .hex),
        digest("sha512", SHA512.self, .hex),
        digest("base64sha256", SHA256.self, .base64),
        digest("base64sha512", SHA512.self, .base64),
        digest("filemd5", Insecure.MD5.self, .hex, ofFile: true),
        digest("filesha1", Insecure.SHA1.self, .hex, ofFile: true),
        digest("filesha256", SHA256.self, .hex, ofFile: true),
        digest("filesha512", SHA512.self, .hex, ofFile: true),
        digest("filebase64sha256", SHA256.self, .base64, ofFile: true),
        digest("filebase64sha512", SHA512.self, .base64, ofFile: true),
        Function("filebase64", [path], returns: .string) { (arguments) throws(FunctionError) in
            .string(Base64.encode(try FileReader(arguments.files).contents(of: arguments.string(0), argument: 0)))
        },
        Function("uuid", [], returns: .string, waitsForApply: true) { (arguments) throws(FunctionError) in
            var random = SystemRandomNumberGenerator()
            var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            bytes[6] = bytes[6] & 0x0F | 0x40
            bytes[8] = bytes[8] & 0x3F | 0x80
            return .string(uuid(bytes))
        },
        Function(
            "uuidv5", [Function.Parameter("namespace", .string), Function.Parameter("name", .string)], returns: .string
        ) {
            (arguments) throws(FunctionError) in
            guard let namespace = namespace(arguments.string(0)) else {
                throw FunctionError("the namespace is dns, url, oid, x500 or a UUID", argument: 0)
            }
            var bytes = Array(hash(namespace + arguments.bytes(1), Insecure.SHA1.self).prefix(16))
            bytes[6] = bytes[6] & 0x0F | 0x50
            bytes[8] = bytes[8] & 0x3F | 0x80
            return .string(uuid(bytes))
        },
    ]

    private static func uuid(_ bytes: [UInt8]) -> String {
        [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Formatter.hex(bytes[$0]) }.joined(separator: "-")
    }

    private static func namespace(_ name: String) -> [UInt8]? {
        switch name {
        case "dns": return namespace("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
        case "url": return namespace("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
        case "oid": return namespace("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
        case "x500": return namespace("6ba7b814-9dad-11d1-80b4-00c04fd430c8")
        default: break
        }
        let digits = name.utf8.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
