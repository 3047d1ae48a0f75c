import FoundationEssentials
import PlumbModel
import ProviderAPI

/// `random_id`: random bytes in the notations that names are made of.
struct RandomID: CountedRandomType, Importing {
    let name = "random_id"
    let schema = Schema([
        AttributeSchema(
            "byte_length", .number, .required, forcesReplacement: true, "How many random bytes, from 1 to 1024."),
        AttributeSchema(
            "prefix", .string, .optional, forcesReplacement: true, "Stands before every notation, but not `id`."),
        .keepers,
        AttributeSchema("id", .string, .computed, "The bytes in URL-safe base64, without prefix and padding."),
        AttributeSchema(
            "b64_url", .string, .computed, derivedFrom: ["prefix"], "Prefix and URL-safe base64 without padding."),
        AttributeSchema("b64_std", .string, .computed, derivedFrom: ["prefix"], "Prefix and standard base64."),
        AttributeSchema(
            "hex", .string, .computed, derivedFrom: ["prefix"], "Prefix and hexadecimal digits in lower case."),
        AttributeSchema("dec", .string, .computed, derivedFrom: ["prefix"], "Prefix and decimal digits."),
    ])

    static let count = "byte_length"
    static let counts = 1...1024

    func draw(_ count: Int, for planned: Value) -> Value {
        var generator = SystemRandomNumberGenerator()
        return RandomID.describe((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }, planned)
    }

    /// `id` is the URL-safe base64 of the bytes, with `PREFIX,` before it where there is a prefix.
    func importResource(id: String) async throws(ProviderError) -> ResourceState? {
        let comma = id.lastIndex(of: ",")
        let encoded = comma.map { String(id[id.index(after: $0)...]) } ?? id
        guard let bytes = Base64.decode(urlSafe: encoded), RandomID.counts.contains(bytes.count) else {
            throw ProviderError(
                .invalid,
                "random_id is imported by its id (URL-safe base64), or \"prefix,id\"; got \"\(id)\".")
        }
        return ResourceState(
            RandomID.describe(
                bytes,
                [
                    "byte_length": .number(bytes.count), "prefix": comma.map { .string(String(id[..<$0])) } ?? .null,
                    "keepers": .null,
                ]))
    }

    private static func describe(_ bytes: [UInt8], _ inputs: Value) -> Value {
        let prefix = inputs.attribute("prefix").asString ?? ""
        let url = Base64.encode(urlSafe: bytes)
        return inputs.setting([
            "id": .string(url), "b64_url": .string(prefix + url),
            "b64_std": .string(prefix + Base64.encode(bytes)), "hex": .string(prefix + Hexadecimal.encode(bytes)),
            "dec": .string(prefix + decimal(bytes)),
        ])
    }

    /// The bytes as one big-endian number.
    private static func decimal(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = [0]  // the lowest first
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                let value = Int(digits[index]) * 256 + carry
                digits[index] = UInt8(value % 10)
                carry = value / 10
            }
            while carry > 0 {
                digits.append(UInt8(carry % 10))
                carry /= 10
            }
        }
        return String(decoding: digits.reversed().map { $0 + 0x30 }, as: UTF8.self)
    }
}
