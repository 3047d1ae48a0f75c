import PlumbModel
import ProviderAPI

/// Permissions as people write them: three or four octal digits.
enum FileMode {
    /// - Throws: `invalid` where the text is no mode. Nil while it is null or unknown.
    static func parse(_ values: Value, _ attribute: String) throws(ProviderError) -> UInt32? {
        guard let text = values.attribute(attribute).asString else { return nil }
        guard let mode = parse(text) else {
            throw ProviderError(
                .invalid, "\(attribute) is \"\(text)\"; it must be three or four octal digits, such as \"0644\".")
        }
        return mode
    }

    private static func parse(_ text: String) -> UInt32? {
        guard (3...4).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }) else { return nil }
        return UInt32(text, radix: 8)
    }

    /// Four octal digits.
    static func text(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// `644` and `0644` are the same.
    static let normalisation = Normalisation("octal digits") { value in
        value.asString.flatMap(parse).map { .string(text($0)) } ?? value
    }
}
