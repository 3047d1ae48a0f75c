internal import Age
internal import Crypto
internal import PlumbModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A YAML file whose values SOPS has encrypted for recipients of age: decrypts them in memory, and checks that the file
/// is whole.
struct SOPSFile {
    private let path: String
    private let entries: [NamedNode]
    private let metadata: SpecificationNode

    /// - Parameters:
    ///   - entries: the file's top-level pairs, without `sops`.
    ///   - metadata: what stands under `sops`.
    init(_ path: String, _ entries: [NamedNode], metadata: SpecificationNode) {
        self.path = path
        self.entries = entries
        self.metadata = metadata
    }

    /// Every value of the file is secret, whether or not it was encrypted.
    func decrypt(with identities: [AgeIdentity]) throws(Diagnostics) -> [(name: NamedNode, value: Value)] {
        if fact("mac_only_encrypted")?.asBool == true || fact("shamir_threshold")?.asInt ?? 0 > 1 {
            throw failure(
                "it was encrypted with `mac_only_encrypted` or with several key groups, which is not supported. Encrypt it "
                    + "without.")
        }
        let key = SymmetricKey(data: try dataKey(identities))
        var digest = SHA512()
        var values: [(name: NamedNode, value: Value)] = []
        for entry in entries {
            values.append((entry, try decrypt(entry.node, [entry.name], key, &digest).sensitive()))
        }
        try checkCode(digest, key)
        return values
    }

    private func fact(_ name: String) -> Value? {
        metadata.mapping?.first { $0.key == name }?.value.scalar?.value
    }

    // MARK: - Key and code

    private func dataKey(_ identities: [AgeIdentity]) throws(Diagnostics) -> [UInt8] {
        let recipients = metadata.mapping?.first { $0.key == "age" }?.value.sequence ?? []
        guard !recipients.isEmpty else {
            throw failure(
                "it was not encrypted for any recipient of age, and only such files can be decrypted. Add one with "
                    + "`sops updatekeys`.")
        }
        guard !identities.isEmpty else {
            throw failure(
                "there is no identity of age to decrypt it with. Set SOPS_AGE_KEY or SOPS_AGE_KEY_FILE, as for sops.")
        }
        var reason = ""
        for recipient in recipients {
            let text = recipient.mapping?.first { $0.key == "enc" }?.value.scalar?.value.asString ?? ""
            do throws(AgeError) {
                return try AgeFile.decrypt(Array(text.utf8), with: identities)
            } catch {
                if reason.isEmpty || error.code != .noMatch { reason = error.message }
            }
        }
        throw failure("its key cannot be decrypted: \(reason)")
    }

    /// What tells whether a value was changed, added or taken away.
    private func checkCode(_ digest: SHA512, _ key: SymmetricKey) throws(Diagnostics) {
        let moment = fact("lastmodified")?.asString ?? ""
        let code = fact("mac")?.asString.flatMap(SealedScalar.init)?.open(key, moment)
        let digits = digest.finalize().map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        guard let code, code == Array(digits.joined().utf8) else {
            throw failure(
                "its authentication code does not fit: somebody has changed the file without sops, or it is damaged. "
                    + "Nothing of it is used.")
        }
    }

    // MARK: - Values

    private func decrypt(
        _ node: SpecificationNode, _ keys: [String], _ key: SymmetricKey, _ digest: inout SHA512
    ) throws(Diagnostics) -> Value {
        if let mapping = node.mapping {
            var pairs: [(String, Value)] = []
            for entry in mapping {
                pairs.append((entry.key, try decrypt(entry.value, keys + [entry.key], key, &digest)))
            }
            return .object(ValueMap(pairs))
        }
        if let sequence = node.sequence {
            var elements: [Value] = []
            // The place in a list is no part of what a value is bound to.
            for element in sequence { elements.append(try decrypt(element, keys, key, &digest)) }
            return .tuple(elements)
        }
        let value = node.scalar?.value ?? .null
        guard let sealed = value.asString.flatMap(SealedScalar.init) else {
            digest.update(data: Data(Self.text(of: value).utf8))
            return value
        }
        guard let plain = sealed.open(key, keys.map { $0 + ":" }.joined()),
            let text = String(validating: plain, as: UTF8.self)
        else {
            throw Diagnostics(
                .error(
                    "Encrypted value cannot be decrypted",
                    "The value \"\(keys.joined(separator: "."))\" of \(path) was changed or moved after sops has encrypted it.",
                    at: node.range))
        }
        digest.update(data: Data(plain))
        return try Self.value(text, sealed.type, node)
    }

    private static func value(_ text: String, _ type: String, _ node: SpecificationNode) throws(Diagnostics) -> Value {
        switch type {
        case "int", "float":
            if let number = Number(parsing: text) { return .number(number) }
        case "bool":
            if ["true", "false"].contains(text.lowercased()) { return .bool(text.lowercased() == "true") }
        case "str", "bytes", "time": return .string(text)
        default: break
        }
        throw Diagnostics(
            .error(
                "Encrypted value cannot be decrypted",
                "A value of the type \"\(type)\" cannot be read as one. Encrypt it again with sops.", at: node.range))
    }

    /// As SOPS writes it when it makes the code.
    private static func text(of value: Value) -> String {
        if let flag = value.asBool { return flag ? "True" : "False" }
        if let number = value.asNumber { return number.description }
        return value.asString ?? ""
    }

    private func failure(_ reason: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Encrypted file cannot be decrypted", "\(path) is encrypted with SOPS: \(reason)", at: metadata.range))
    }
}

/// One value as SOPS writes it: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]`.
private struct SealedScalar {
    let type: String
    private let data: Data
    private let nonce: Data
    private let tag: Data

    init?(_ text: String) {
        guard text.hasPrefix("ENC[AES256_GCM,"), text.hasSuffix("]") else { return nil }
        var parts: [Substring: Substring] = [:]
        for part in text.dropFirst(15).dropLast().split(separator: ",") {
            guard let colon = part.firstIndex(of: ":") else { return nil }
            parts[part[..<colon]] = part[part.index(after: colon)...]
        }
        guard let data = parts["data"].flatMap({ Data(base64Encoded: String($0)) }),
            let nonce = parts["iv"].flatMap({ Data(base64Encoded: String($0)) }),
            let tag = parts["tag"].flatMap({ Data(base64Encoded: String($0)) }), let type = parts["type"]
        else { return nil }
        (self.data, self.nonce, self.tag, self.type) = (data, nonce, tag, String(type))
    }

    /// - Parameter place: what the value is bound to, so that it cannot be put elsewhere.
    func open(_ key: SymmetricKey, _ place: String) -> [UInt8]? {
        guard let nonce = try? AES.GCM.Nonce(data: nonce),
            let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: data, tag: tag),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Data(place.utf8))
        else { return nil }
        return [UInt8](plain)
    }
}
