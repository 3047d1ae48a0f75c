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

    /// The address as it is seen from outside of the module at `path`.
    public func inside(_ path: [ModuleStep]) -> ResourceAddress {
        path.isEmpty ? self : ResourceAddress(type, name, key: key, mode: mode, module: path + module)
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
        for step in module { text += step.description + "." }
        if mode == .data { text += "data." }
        return text + type + "." + name + (key?.description ?? "")
    }

    public static func < (left: ResourceAddress, right: ResourceAddress) -> Bool {
        if left.module != right.module { return left.module.lexicographicallyPrecedes(right.module) }
        if left.mode != right.mode { return left.mode == .data }
        if left.type != right.type { return left.type < right.type }
        if left.name != right.name { return left.name < right.name }
        switch (left.key, right.key) {
        case (nil, .some): return true
        case (.some(let a), .some(let b)): return a < b
        default: return false
        }
    }
}

extension ResourceAddress.ModuleStep: Comparable, CustomStringConvertible {
    /// By name, then by key.
    public static func < (left: Self, right: Self) -> Bool {
        if left.name != right.name { return left.name < right.name }
        switch (left.key, right.key) {
        case (nil, .some): return true
        case (.some(let a), .some(let b)): return a < b
        default: return false
        }
    }

    /// `module.name["key"]`
    public var description: String { "module.\(name)\(key?.description ?? "")" }
}

extension [ResourceAddress.ModuleStep] {
    /// `module.a["x"].module.b`; empty for the stack itself.
    public var addressText: String { map(\.description).joined(separator: ".") }
}

extension ResourceAddress {
    /// Reads an address as it is written; nil where the text is none.
    public init?(parsing text: String) {
        var text = text
        let address = text.withUTF8 { bytes in
            var scanner = AddressScanner(bytes)
            return scanner.address()
        }
        guard let address else { return nil }
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

/// Reads the bytes of an address from left to right.
private struct AddressScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

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
                guard let name = identifier(), let key = optionalKey(), offset == bytes.count else { return nil }
                return ResourceAddress(word, name, key: key.key, mode: mode, module: module)
            }
        }
    }

    private mutating func identifier() -> String? {
        let start = offset
        while offset < bytes.count, AddressScanner.isOfIdentifier(bytes[offset]) { offset += 1 }
        return start == offset ? nil : text(start..<offset)
    }

    private static func isOfIdentifier(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
            || byte == 0x5F || byte == 0x2D || byte >= 0x80
    }

    /// Nil for a malformed key; `(nil)` inside for none.
    private mutating func optionalKey() -> (key: InstanceKey?, Void)? {
        guard take("[") else { return (nil, ()) }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") {
            guard let name = quoted() else { return nil }
            return take("]") ? (.name(name), ()) : nil
        }
        let start = offset
        while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 { offset += 1 }
        guard let index = Int(text(start..<offset)) else { return nil }
        return take("]") ? (.index(index), ()) : nil
    }

    /// A JSON string.
    private mutating func quoted() -> String? {
        let start = offset
        var hasEscapes = false
        offset += 1
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            if bytes[offset] < 0x20 { return nil }
            if bytes[offset] == UInt8(ascii: "\\") {
                hasEscapes = true
                offset += 1
            }
            offset += 1
        }
        guard offset < bytes.count else { return nil }
        offset += 1
        if !hasEscapes { return text(start + 1..<offset - 1) }
        var reader = JSONReader(UnsafeBufferPointer(rebasing: bytes[start..<offset]))
        return (try? reader.read())?.asString
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }
}
