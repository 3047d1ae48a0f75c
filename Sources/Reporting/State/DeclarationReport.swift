public import PlumbModel

/// A recorded resource as a spec would declare it: YAML with the attributes that a spec can set. Secrets become variables.
public struct DeclarationReport: Sendable {
    private let address: ResourceAddress
    private let provider: String?
    /// What the spec has to say, in the order of the schema.
    private let attributes: [(schema: AttributeSchema, value: Value)]

    /// - Parameter provider: written down where the type alone does not tell it; nil otherwise.
    public init(_ record: ResourceRecord, schema: Schema, provider: String?) {
        address = record.address
        self.provider = provider
        attributes = schema.attributes.compactMap { attribute in
            guard attribute.isSettable, let value = record.values[key: attribute.name], !value.isNull else {
                return nil
            }
            let isDefault = attribute.defaultValue.map { value.isSame(as: $0) } ?? false
            return isDefault ? nil : (attribute, value)
        }
    }

    public func yaml() -> String {
        var text = ""
        let secrets = attributes.filter { $0.value.containsSensitive }
        if !secrets.isEmpty {
            text += "variables:\n"
            for secret in secrets {
                text +=
                    "  \(variable(secret.schema)): {type: \(YAMLText.flow(secret.schema.type.description)), "
                    + "sensitive: true}\n"
            }
            text += "\n"
        }
        text += "resources:\n  \(address.resource):\n"
        if let provider { text += "    provider: \(provider)\n" }
        text += attributes.isEmpty ? "    spec: {}\n" : "    spec:\n"
        for (schema, value) in attributes {
            let isSecret = value.containsSensitive
            text +=
                "      \(YAMLText.key(schema.name)):"
                + (isSecret ? " ${var.\(variable(schema))}\n" : YAMLText.block(value, indent: 6))
        }
        return text
    }

    private func variable(_ attribute: AttributeSchema) -> String {
        "\(address.name)_\(attribute.name)"
    }
}

/// Values as YAML that people would write: plain where it can be, nothing in it an expression.
enum YAMLText {
    /// What follows the colon of a key that stands at `indent`, with the line's end.
    static func block(_ value: Value, indent: Int) -> String {
        let spaces = String(repeating: " ", count: indent + 2)
        switch value.kind {
        case .list(let elements, _) where !elements.isEmpty:
            return "\n"
                + elements.map { element in
                    // An element's own keys stand two columns further in, beside the dash.
                    let inner = block(element, indent: indent + 2)
                    let isNested = inner.hasPrefix("\n")
                    return spaces + "-" + (isNested ? " " + inner.drop { $0 == "\n" || $0 == " " } : inner)
                }.joined()
        case .map(let map, _) where !map.isEmpty:
            return "\n" + map.map { spaces + key($0.key) + ":" + block($0.value, indent: indent + 2) }.joined()
        case .string(let text):
            if let lines = literal(text) {
                let mark = text.hasSuffix("\n") ? "|" : "|-"
                return " \(mark)\n" + lines.map { $0.isEmpty ? "\n" : spaces + $0 + "\n" }.joined()
            }
            return " " + scalar(text) + "\n"
        default: return " " + value.deeplyUnmarked.json + "\n"
        }
    }

    static func key(_ text: String) -> String { isPlain(text) ? text : Value.string(text).json }

    /// Text inside of `{…}`.
    static func flow(_ text: String) -> String { isPlain(text) ? text : Value.string(text).json }

    private static func scalar(_ text: String) -> String {
        isPlain(text) ? text : Value.string(escaped(text)).json
    }

    /// So that nothing in it is taken for an expression.
    private static func escaped(_ text: String) -> String {
        text.replacing("${", with: "$${").replacing("%{", with: "%%{")
    }

    /// The lines of a text that can be written as a block; nil where quotes are needed.
    private static func literal(_ text: String) -> [String]? {
        guard text.utf8.contains(0x0A), text.utf8.first != 0x20, text.utf8.first != 0x0A, !text.hasSuffix("\n\n"),
            text.unicodeScalars.allSatisfy({ $0 == "\n" || ($0.value >= 0x20 && $0.value < 0x7F) || $0.value > 0xA0 }),
            !text.unicodeScalars.contains(where: { $0.value == 0x2028 || $0.value == 0x2029 || $0.value == 0xFEFF })
        else { return nil }
        var lines = escaped(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if text.hasSuffix("\n") { lines.removeLast() }
        return lines
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_"),
            !["true", "false", "null"].contains(text.lowercased())
        else { return false }
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "_-./".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
