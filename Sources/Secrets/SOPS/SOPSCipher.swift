internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Seals and opens the values of one file with its data key, each as SOPS writes it:
/// `ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]`.
struct SOPSCipher {
    /// What a value was before it was sealed.
    enum Kind: String {
        case string = "str"
        case integer = "int"
        case float, bool, bytes, time, comment
    }

    /// A value that has been opened.
    struct Opened: Equatable {
        let kind: Kind
        let text: String
    }

    enum Failure: Error {
        /// The text is no sealed value.
        case malformed
        /// It was changed, or sealed with another key or for another place.
        case changed
    }

    private static let prefix = "ENC[AES256_GCM,"

    let key: [UInt8]

    static func isSealed(_ text: String) -> Bool { text.hasPrefix(prefix) && text.hasSuffix("]") }

    /// What a value is bound to: the keys that lead to it, without its places in lists.
    static func place(_ keys: [String]) -> String { keys.joined(separator: ":") + ":" }

    func open(_ text: String, at place: String) throws(Failure) -> Opened {
        guard Self.isSealed(text) else { throw .malformed }
        var parts: [Substring: Substring] = [:]
        for part in text.dropFirst(Self.prefix.utf8.count).dropLast().split(separator: ",") {
            guard let colon = part.firstIndex(of: ":") else { throw .malformed }
            parts[part[..<colon]] = part[part.index(after: colon)...]
        }
        guard let data = parts["data"].flatMap({ Data(base64Encoded: String($0)) }),
            let iv = parts["iv"].flatMap({ Data(base64Encoded: String($0)) }),
            let tag = parts["tag"].flatMap({ Data(base64Encoded: String($0)) }),
            let kind = parts["type"].flatMap({ Kind(rawValue: String($0)) })
        else { throw .malformed }
        guard let nonce = try? AES.GCM.Nonce(data: iv),
            let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: data, tag: tag),
            let plain = try? AES.GCM.open(
                box, using: SymmetricKey(data: key), authenticating: Data(place.utf8)),
            let opened = String(validating: plain, as: UTF8.self)
        else { throw .changed }
        return Opened(kind: kind, text: opened)
    }

    func seal(_ text: String, _ kind: Kind, at place: String) -> String {
        // As long as those of SOPS are; a new one for each value.
        let iv = SOPSCipher.random(32)
        guard let nonce = try? AES.GCM.Nonce(data: iv),
            let box = try? AES.GCM.seal(
                Data(text.utf8), using: SymmetricKey(data: key), nonce: nonce, authenticating: Data(place.utf8))
        else { preconditionFailure("AES-GCM seals any text with a key of 32 bytes") }
        return Self.prefix + "data:\(box.ciphertext.base64EncodedString()),iv:\(Data(iv).base64EncodedString()),"
            + "tag:\(box.tag.base64EncodedString()),type:\(kind.rawValue)]"
    }

    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
