/// One name for a resource instance across spec, plan and state: `module.m["k"].type.name["key"]`, as Terraform has it.
public struct ResourceAddress: Hashable, Sendable {
    /// Managed resources are created and deleted; data resources are only read.
    public enum Mode: UInt8, Hashable, Sendable, Codable { case managed, data }

    /// One step of the path of modules, from the outermost inwards.
    public struct ModuleStep: Hashable, Sendable {
        public let name: String
        public let key: InstanceKey?

        public init(_ name: String, key: InstanceKey? = nil) {
            self.name = name
            self.key = key
        }
    }

    public var module: [ModuleStep]
    public var mode: Mode
    public var type: String
    public var name: String
    /// The `for_each` key or `count` index; nil where the resource has neither.
    public var key: InstanceKey?

    public init(
        _ type: String, _ name: String, key: InstanceKey? = nil, mode: Mode = .managed, module: [ModuleStep] = []
    ) {
        self.module = module
        self.mode = mode
        self.type = type
        self.name = name
        self.key = key
    }

    /// The address of the declaration, without the instance's key.
    public var resource: ResourceAddress { ResourceAddress(type, name, mode: mode, module: module) }

    public func instance(_ key: InstanceKey?) -> ResourceAddress {
        ResourceAddress(type, name, key: key, mode: mode, module: module)
    }
}

/// What tells instances of one declaration apart.
public enum InstanceKey: Hashable, Sendable {
    case index(Int)
    case name(String)

    public var value: Value {
        switch self {
        case .index(let index): .number(index)
        case .name(let name): .string(name)
        }
    }
}

extension InstanceKey: Comparable, CustomStringConvertible {
    /// Indexes before names; indexes by size, names by their UTF-8 bytes.
    public static func < (left: InstanceKey, right: InstanceKey) -> Bool {
        switch (left, right) {
        case (.index(let a), .index(let b)): a < b
        case (.name(let a), .name(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.index, .name): true
        case (.name, .index): false
        }
    }

    /// With its brackets: `[0]`, `["a"]`.
    public var description: String {
        switch self {
        case .index(let index): "[\(index)]"
        case .name(let name): "[\(Value.string(name).json)]"
        }
    }
}

extension ResourceAddress: CustomStringConvertible, Comparable {
    public var description: String {
        var text = ""
        for step in module { text += "module.\(step.name)\(step.key?.description ?? "")." }
        if mode == .data { text += "data." }
        return text + type + "." + name + (key?.description ?? "")
    }

    public static func < (left: ResourceAddress, right: ResourceAddress) -> Bool {
        if left.module != right.module { return moduleText(left) < moduleText(right) }
        if left.mode != right.mode { return left.mode == .data }
        if left.type != right.type { return left.type < right.type }
        if left.name != right.name { return left.name < right.name }
        switch (left.key, right.key) {
        case (nil, .some): return true
        case (.some(let a), .some(let b)): return a < b
        default: return false
        }
    }

    private static func moduleText(_ address: ResourceAddress) -> String {
        address.module.map { "\($0.name)\($0.key?.description ?? "")" }.joined(separator: ".")
    }
}

extension ResourceAddress {
    /// Reads an address as it is written; nil where the text is none.
    public init?(parsing text: String) {
        var scanner = AddressScanner(text)
        guard let address = scanner.address() else { return nil }
        self = address
    }
}

extension ResourceAddress: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = ResourceAddress(parsing: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no address")
        }
        self = address
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Reads the text of an address from left to right.
private struct AddressScanner {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func address() -> ResourceAddress? {
        var module: [ResourceAddress.ModuleStep] = []
        var mode = ResourceAddress.Mode.managed
        while true {
            guard let word = identifier(), take(".") else { return nil }
            if word == "module", mode == .managed {
                guard let name = identifier(), let key = optionalKey(), take(".") else { return nil }
                module.append(.init(name, key: key.key))
            } else if word == "data", mode == .managed {
                mode = .data
            } else {
                guard let name = identifier(), let key = optionalKey(), rest.isEmpty else { return nil }
                return ResourceAddress(word, name, key: key.key, mode: mode, module: module)
            }
        }
    }

    private mutating func identifier() -> String? {
        let word = rest.utf8.prefix { byte in
            (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
                || byte == 0x5F || byte == 0x2D || byte >= 0x80
        }
        guard !word.isEmpty, let text = String(word) else { return nil }
        rest = rest[word.endIndex...]
        return text
    }

    /// Nil for a malformed key; `(nil)` inside for none.
    private mutating func optionalKey() -> (key: InstanceKey?, Void)? {
        guard take("[") else { return (nil, ()) }
        if rest.first == "\"" {
            var end = rest.index(after: rest.startIndex)
            var escaped = false
            while end < rest.endIndex, escaped || rest[end] != "\"" {
                escaped = !escaped && rest[end] == "\\"
                end = rest.index(after: end)
            }
            guard end < rest.endIndex, let name = (try? Value(json: String(rest[...end])))?.asString else { return nil }
            rest = rest[rest.index(after: end)...]
            return take("]") ? (.name(name), ()) : nil
        }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let index = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return take("]") ? (.index(index), ()) : nil
    }

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }
}
