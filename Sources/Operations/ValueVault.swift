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
    let keys: KeyStore
    private static let prefix = "sealed:v1:"

    init(_ keys: KeyStore) { self.keys = keys }

    /// With a key that everybody knows, for sessions in which there are no secrets.
    static var openToAll: ValueVault {
        let key = Data(repeating: 0, count: 32).base64EncodedString()
        return ValueVault(KeyStore(directory: "/dev/null", environment: ["PLUMB_STATE_KEY": key]))
    }

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
            guard let text = Self.sealedText(value) else { return value }
            return try opened(text).value.sensitive()
        }
        return try value.mapParts { (part) throws(KeyError) in try open(part) }
    }

    /// A sealed value with each part that an older key has sealed sealed again with the newest.
    func reseal(_ value: Value) throws(KeyError) -> Value {
        guard value.containsSensitive else { return value }
        if value.isSensitive {
            guard let text = Self.sealedText(value) else { return try seal(value) }
            let (plain, isNewest) = try opened(text)
            return isNewest ? value : try seal(plain.sensitive())
        }
        return try value.mapParts { (part) throws(KeyError) in try reseal(part) }
    }

    /// Counts how the secrets of a stored value are sealed.
    func inspect(_ value: Value, into tally: inout SealTally) {
        guard value.containsSensitive else { return }
        if value.isSensitive {
            if case .unknown = value.kind { return }
            guard let text = Self.sealedText(value) else {
                tally.open += 1
                return
            }
            tally.sealed += 1
            do throws(KeyError) {
                if try !opened(text).isNewest { tally.older += 1 }
            } catch {
                tally.unreadable += 1
                tally.reason = error.message
            }
            return
        }
        for element in value.asList ?? value.asMap?.values ?? [] { inspect(element, into: &tally) }
    }

    /// Counts how all secrets of a stored state are sealed.
    func tally(_ contents: StateContents) -> SealTally {
        var tally = SealTally()
        _ = contents.mapValues { value in
            inspect(value, into: &tally)
            return value
        }
        return tally
    }

    private static func sealedText(_ value: Value) -> String? {
        value.asString.flatMap { $0.hasPrefix(prefix) ? $0 : nil }
    }

    private func sealed(_ text: String) throws(KeyError) -> String {
        let key = try keys.ring(creates: true).newest
        do {
            let box = try AES.GCM.seal(Data(text.utf8), using: key)
            // A 12-byte nonce is GCM's own size, so the combined form is always there.
            guard let combined = box.combined else { throw KeyError(message: "A secret could not be sealed.") }
            return Self.prefix + combined.base64EncodedString()
        } catch {
            throw KeyError(message: "A secret could not be sealed: \(error).")
        }
    }

    private func opened(_ text: String) throws(KeyError) -> (value: Value, isNewest: Bool) {
        let ring = try keys.ring(creates: false)
        if let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            let box = try? AES.GCM.SealedBox(combined: data)
        {
            for (index, key) in ring.all.enumerated() {
                // The tag tells whether it is the right key.
                guard let plain = try? AES.GCM.open(box, using: key),
                    let value = try? Value(archived: String(decoding: plain, as: UTF8.self))
                else { continue }
                return (value, index == 0)
            }
        }
        throw KeyError(
            message: "A secret cannot be decrypted with the key at hand: it was sealed with another one (as plans and "
                + "backups from before `plumb state rekey` are), or it was damaged. Put the right key back; nothing in "
                + "the state is lost.")
    }
}

/// How the secrets of stored values are sealed.
struct SealTally {
    var sealed = 0
    /// Of the sealed ones: by a key that is no longer the newest.
    var older = 0
    /// Of the sealed ones: by no key at hand, or damaged.
    var unreadable = 0
    /// Marked as secret, and stored as they are.
    var open = 0
    /// Why one could not be read.
    var reason: String?
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

extension ValueVault {
    /// Tells a value from others, and nothing of one that is secret: a hash, keyed where there is something to keep.
    func fingerprint(_ value: Value) throws(KeyError) -> String {
        let text = Data(value.deeplyUnmarked.archived.utf8)
        let bytes: [UInt8]
        if value.containsSensitive {
            bytes = Array(HMAC<SHA256>.authenticationCode(for: text, using: try keys.ring(creates: true).newest))
        } else {
            bytes = Array(SHA256.hash(data: text))
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
