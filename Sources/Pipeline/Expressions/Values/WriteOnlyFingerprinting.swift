import Crypto
public import PlumbModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteOnlyFingerprint {
    /// Of a value that is wholly known.
    ///
    /// - Parameter known: one of before; it is given back where it is of the same value, so that what has not changed
    ///   stays the same.
    public init(of value: Value, like known: WriteOnlyFingerprint?) {
        if let known, known.matches(value) {
            self = known
            return
        }
        var generator = SystemRandomNumberGenerator()
        let salt = Data((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64EncodedString()
        self.init(salt: salt, digest: Self.digest(of: value, salt))
    }

    /// Whether it is of this value.
    public func matches(_ value: Value) -> Bool { Self.digest(of: value, salt) == digest }

    private static func digest(of value: Value, _ salt: String) -> String {
        let key = SymmetricKey(data: Data(salt.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(value.deeplyUnmarked.archived.utf8), using: key)
        return Data(code).base64EncodedString()
    }
}

extension Schema {
    /// Declared values with each write-only one replaced by its fingerprint. What is not known yet stays unknown.
    ///
    /// - Parameter known: the values of before.
    public func fingerprinted(_ declared: Value, like known: Value?) -> Value {
        guard hasWriteOnly, case .map(var map, let mapping) = declared.kind else { return declared }
        for attribute in attributes where attribute.isWriteOnly {
            guard let value = map[attribute.name], !value.isNull, !value.isFingerprint else { continue }
            guard value.isWhollyKnown else {
                map[attribute.name] = Value.unknown(attribute.type).sensitive()
                continue
            }
            let before = known?[key: attribute.name].flatMap(WriteOnlyFingerprint.init)
            map[attribute.name] = WriteOnlyFingerprint(of: value, like: before).value
        }
        return Value(.map(map, mapping), isSensitive: declared.isSensitive)
    }
}
