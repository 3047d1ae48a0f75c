#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The text form of an age file.
public enum AgeArmor {
    private static let begin = "-----BEGIN AGE ENCRYPTED FILE-----"
    private static let end = "-----END AGE ENCRYPTED FILE-----"

    /// Whether it claims to be one.
    public static func isArmored(_ bytes: [UInt8]) -> Bool {
        bytes.drop { isSpace($0) }.starts(with: begin.utf8.prefix(5))
    }

    static func text(_ bytes: [UInt8]) -> String {
        var rest = Data(bytes).base64EncodedString()[...]
        var text = begin + "\n"
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return text + end + "\n"
    }

    static func bytes(_ armored: [UInt8]) throws(AgeError) -> [UInt8] {
        var trimmed = armored.drop { isSpace($0) }
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        guard let text = String(validating: trimmed, as: UTF8.self) else { throw malformed("it is no text") }
        var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == begin[...], lines.last == end[...], lines.count > 1 else {
            throw malformed("its first or last line is wrong")
        }
        lines = lines.dropFirst().dropLast()
        let isFolded = lines.dropLast().allSatisfy { $0.utf8.count == 64 }
        guard isFolded, lines.last.map({ (1...64).contains($0.utf8.count) }) ?? true else {
            throw malformed("a line has not 64 characters")
        }
        let joined = lines.joined()
        guard let data = Data(base64Encoded: joined), data.base64EncodedString() == joined else {
            throw malformed("it is no base64 of the one form")
        }
        return [UInt8](data)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func malformed(_ reason: String) -> AgeError {
        AgeError(.armor, "The text form of an age file is damaged: \(reason).")
    }
}
