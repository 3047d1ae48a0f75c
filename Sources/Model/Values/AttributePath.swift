/// A way into a value: `spec.ports[0].name`.
public struct AttributePath: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) { self.steps = steps }

    /// The path of one top-level attribute.
    public init(_ attribute: String) { steps = [.key(attribute)] }

    public func appending(_ step: Step) -> AttributePath { AttributePath(steps + [step]) }

    /// Whether `other` is this path or lies below it.
    public func contains(_ other: AttributePath) -> Bool { other.steps.starts(with: steps) }
}

extension AttributePath: CustomStringConvertible {
    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where AttributePath.isPlain(key): text += text.isEmpty ? key : ".\(key)"
            case .key(let key): text += "[\(Value.string(key).json)]"
            }
        }
        return text
    }

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.first.map { $0 < 0x30 || $0 > 0x39 } == true
            && key.utf8.allSatisfy { byte in
                (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
                    || byte == 0x5F || byte == 0x2D
            }
    }

    /// Reads `"key"]` and gives the key and what follows it.
    private static func quotedKey(_ text: Substring) -> (String, Substring)? {
        var escaped = false
        for index in text.indices.dropFirst() {
            if escaped {
                escaped = false
            } else if text[index] == "\\" {
                escaped = true
            } else if text[index] == "\"" {
                let after = text[text.index(after: index)...]
                guard after.hasPrefix("]"), let key = try? Value(json: String(text[...index])) else { return nil }
                return key.asString.map { ($0, after.dropFirst()) }
            }
        }
        return nil
    }

    /// Reads `spec.metadata`, `tags["a b"]`, `ports[0].name`; nil where the text is no path.
    public init?(parsing text: String) {
        steps = []
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix("[\"") {
                guard let (name, after) = AttributePath.quotedKey(rest.dropFirst()) else { return nil }
                steps.append(.key(name))
                rest = after
            } else if rest.hasPrefix("[") {
                guard let end = rest.firstIndex(of: "]"), let index = Int(rest[..<end].dropFirst()) else { return nil }
                steps.append(.index(index))
                rest = rest[rest.index(after: end)...]
            } else {
                if rest.hasPrefix(".") { rest = rest.dropFirst() }
                let word = rest.prefix { $0 != "." && $0 != "[" }
                guard !word.isEmpty else { return nil }
                steps.append(.key(String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
    }
}

extension AttributePath: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let path = AttributePath(parsing: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no attribute path")
        }
        self = path
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Value {
    /// What stands at the path, or nil; the marks on the way are joined.
    public subscript(path path: AttributePath) -> Value? {
        var current = self
        for step in path.steps {
            let next: Value?
            switch step {
            case .key(let key): next = current[key: key]
            case .index(let index):
                let list = current.asList
                next = list.flatMap { $0.indices.contains(index) ? $0[index].sensitive(current.isSensitive) : nil }
            }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}
