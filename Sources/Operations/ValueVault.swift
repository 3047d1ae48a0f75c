internal import Crypto
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Seals the sensitive parts of values one by one (AES-256-GCM), for everything that is written down: state rows,
/// history, plan files.
struct ValueVault: Sendable {
    private let keys: KeyStore
    private static let prefix = "sealed:v1:"

    init(_ keys: KeyStore) { self.keys = keys }

    /// The same value with each sensitive part replaced by its sealed text, which keeps the mark.
    func seal(_ value: Value) throws(KeyError) -> Value {
        guard value.containsSensitive else { return value }
        if value.isSensitive {
            // What is unknown holds no secret yet.
            if case .unknown = value.kind { return value }
            return Value.string(try sealed(Value(value.kind).archived)).sensitive()
        }
        return try value.mapParts { (part) throws(KeyError) in try seal(part) }
    }

    func open(_ value: Value) throws(KeyError) -> Value {
        guard value.containsSensitive else { return value }
        if value.isSensitive {
            guard let text = value.asString, text.hasPrefix(Self.prefix) else { return value }
            return try opened(text).sensitive()
        }
        return try value.mapParts { (part) throws(KeyError) in try open(part) }
    }

    private func sealed(_ text: String) throws(KeyError) -> String {
        let key = try keys.key(creates: true)
        do {
            let box = try AES.GCM.seal(Data(text.utf8), using: key)
            // A 12-byte nonce is GCM's own size, so the combined form is always there.
            guard let combined = box.combined else { throw KeyError(message: "A secret could not be sealed.") }
            return Self.prefix + combined.base64EncodedString()
        } catch {
            throw KeyError(message: "A secret could not be sealed: \(error).")
        }
    }

    private func opened(_ text: String) throws(KeyError) -> Value {
        let key = try keys.key(creates: false)
        guard let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            let box = try? AES.GCM.SealedBox(combined: data), let plain = try? AES.GCM.open(box, using: key),
            let value = try? Value(archived: String(decoding: plain, as: UTF8.self))
        else {
            throw KeyError(
                message:
                    "A secret in the state cannot be decrypted with the key at hand: it was sealed with another one, or "
                    + "it was damaged. Put the right key back; nothing in the state is lost.")
        }
        return value
    }
}

extension Value {
    /// The value with each element or entry transformed; a scalar stays as it is.
    fileprivate func mapParts<E: Error>(_ transform: (Value) throws(E) -> Value) throws(E) -> Value {
        switch kind {
        case .list(let elements, let sequencing):
            var result: [Value] = []
            for element in elements { result.append(try transform(element)) }
            return Value(.list(result, sequencing))
        case .map(let map, let mapping): return Value(.map(try map.mapValues(transform), mapping))
        default: return self
        }
    }
}
