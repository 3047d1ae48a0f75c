import Synchronization

/// The secrets that providers were given, so that what they, or the servers behind them, say about a call can be shown
/// without them. Providers get values without marks and cannot tell themselves.
///
/// One for the process: a log line belongs to no operation.
public enum KnownSecrets {
    /// Shorter ones are not searched for: they would stand everywhere.
    private static let shortest = 4
    private static let mark = Array("(sensitive)".utf8)
    /// By their first bytes, so that a text is searched for all of them at once.
    private static let secrets = Mutex<[UInt32: Set<[UInt8]>]>([:])

    /// Takes note of all that is sensitive in a value.
    public static func note(_ value: Value) {
        guard value.containsSensitive else { return }
        var texts: Set<[UInt8]> = []
        collect(value, isSecret: false, &texts)
        guard !texts.isEmpty else { return }
        secrets.withLock { secrets in
            for text in texts { secrets[key(text[...]), default: []].insert(text) }
        }
    }

    /// The text with each known secret in it replaced, also where it is escaped as JSON or in a URL.
    public static func redact(_ text: String) -> String {
        let known = secrets.withLock { $0 }
        guard !known.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            let rest = bytes[offset...]
            let found = rest.count < shortest ? nil : known[key(rest)]?.filter(rest.starts).map(\.count).max()
            if let found {
                result += mark
                offset += found
            } else {
                result.append(bytes[offset])
                offset += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func key(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(shortest).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func collect(_ value: Value, isSecret: Bool, _ texts: inout Set<[UInt8]>) {
        let isSecret = isSecret || value.isSensitive
        switch value.kind {
        case .string(let text) where isSecret: add(text, &texts)
        case .number(let number) where isSecret: add(number.description, &texts)
        case .list(let elements, _):
            for element in elements where isSecret || element.containsSensitive {
                collect(element, isSecret: isSecret, &texts)
            }
        case .map(let map, _):
            for entry in map where isSecret || entry.value.containsSensitive {
                collect(entry.value, isSecret: isSecret, &texts)
            }
        default: break
        }
    }

    private static func add(_ text: String, _ texts: inout Set<[UInt8]>) {
        let bytes = Array(text.utf8)
        guard bytes.count >= shortest else { return }
        texts.insert(bytes)
        // JSON within a string of JSON is common enough.
        let json = inJSON(bytes)
        if json != bytes {
            texts.insert(json)
            texts.insert(inJSON(json))
        }
        texts.insert(inURL(bytes))
        // Errors quote lines.
        for line in bytes.split(separator: 0x0A) where line.count >= 12 && line.count < bytes.count {
            texts.insert(Array(line))
        }
    }

    private static func inJSON(_ bytes: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): escaped += [UInt8(ascii: "\\"), byte]
            case 0x0A: escaped += Array("\\n".utf8)
            case 0x0D: escaped += Array("\\r".utf8)
            case 0x09: escaped += Array("\\t".utf8)
            default: escaped.append(byte)
            }
        }
        return escaped
    }

    private static func inURL(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return bytes.flatMap { byte -> [UInt8] in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~".utf8.contains(byte)
            return isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}

extension Value {
    /// As a provider gets it: without marks, and without what stands for write-only values. What is secret in it is taken
    /// note of.
    public var forProvider: Value {
        KnownSecrets.note(self)
        return withoutFingerprints.deeplyUnmarked
    }
}
