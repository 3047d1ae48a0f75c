/// What plans and states hold in the place of a write-only value: a salted hash, by which a change is noticed, and nothing
/// of the value itself.
///
/// As a value it is sensitive, so that it is sealed with the stack's key wherever it is kept, and nobody without that key
/// can try out what the value might be.
public struct WriteOnlyFingerprint: Hashable, Sendable {
    private static let prefix = "write-only:v1:"
    /// Of the salt and the hash, in base64.
    private static let sizes = (salt: 24, digest: 44)

    /// In base64: 16 bytes.
    public let salt: String
    /// In base64: 32 bytes.
    public let digest: String

    public init(salt: String, digest: String) {
        self.salt = salt
        self.digest = digest
    }

    /// Nil for every other value, and for one whose mark was taken off.
    public init?(_ value: Value) {
        guard value.isSensitive, case .string(let text) = value.kind, text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.utf8.count).split(separator: ":")
        guard parts.count == 2, parts[0].utf8.count == Self.sizes.salt, parts[1].utf8.count == Self.sizes.digest else {
            return nil
        }
        self.init(salt: String(parts[0]), digest: String(parts[1]))
    }

    public var value: Value { Value.string(Self.prefix + salt + ":" + digest).sensitive() }
}

extension Value {
    /// Whether it stands for a write-only value.
    public var isFingerprint: Bool { WriteOnlyFingerprint(self) != nil }

    /// The values of a resource as expressions, providers and programs may see them: null where a value is write-only.
    public var withoutFingerprints: Value {
        guard case .map(let map, let mapping) = kind, map.contains(where: { $0.value.isFingerprint }) else {
            return self
        }
        return Value(.map(map.mapValues { $0.isFingerprint ? .null : $0 }, mapping), isSensitive: isSensitive)
    }
}

extension Schema {
    /// The same values with what stands for write-only ones taken from others: no provider tells these.
    public func takingWriteOnly(of values: Value, from other: Value?) -> Value {
        guard hasWriteOnly, case .map(var map, let mapping) = values.kind else { return values }
        for attribute in attributes where attribute.isWriteOnly {
            let known = other?[key: attribute.name] ?? .null
            map[attribute.name] = known.isFingerprint || known.isUnknown ? known.sensitive() : .null
        }
        return Value(.map(map, mapping), isSensitive: values.isSensitive)
    }

    /// The attributes whose write-only values are others in these two versions.
    public func changedWriteOnly(from old: Value, to new: Value) -> [String] {
        guard hasWriteOnly else { return [] }
        return attributes.filter { attribute in
            attribute.isWriteOnly
                && !(old[key: attribute.name] ?? .null).isSame(as: new[key: attribute.name] ?? .null)
        }.map(\.name)
    }
}

extension Value {
    /// Whether it is the values of a resource, or of several, in which a write-only one has a fingerprint.
    public var containsFingerprint: Bool {
        switch kind {
        case .map(let map, _): map.values.contains { $0.isFingerprint || $0.containsFingerprint }
        case .list(let elements, _): elements.contains(where: \.containsFingerprint)
        default: false
        }
    }
}
