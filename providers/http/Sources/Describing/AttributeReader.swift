import Expressions
import PlumbModel

/// Reads one attribute of a type's schema, or one of an object within.
struct AttributeReader {
    private static let keys = [
        "type", "elements", "attributes", "required", "optional", "computed", "default", "forces_replacement",
        "sensitive", "volatile", "write_only", "normalise", "summary",
    ]

    private let name: String
    private let range: SourceRange
    private var section: SectionReader
    /// Which of its insides the server gives.
    private(set) var nestedComputed: [AttributePattern] = []

    var problems: Diagnostics { section.problems }

    init(_ entry: SpecificationNode.Entry) {
        name = entry.key
        range = entry.keyRange
        section = SectionReader(entry.value, "the attribute \(entry.key)", keys: AttributeReader.keys)
    }

    mutating func read() -> AttributeSchema {
        var nested = NestedTypeReader(path: AttributePath(name).description)
        let type = nested.type(&section, at: range)
        nestedComputed = nested.computed
        let presence = readPresence()
        let defaultValue = readDefault(type)
        if defaultValue != nil, presence != .optional {
            section.report(
                "Contradicting keys",
                "the attribute \(name) has a default, so that it can be neither required nor computed.", at: range)
        }
        let isWriteOnly = section.flag("write_only") ?? false
        if isWriteOnly, presence == .computed || presence == .optionalComputed {
            section.report(
                "Contradicting keys",
                "the attribute \(name) is computed, so the server must tell it: it cannot be write_only.", at: range)
        }
        return AttributeSchema(
            name, type, presence, default: defaultValue,
            forcesReplacement: section.flag("forces_replacement") ?? false,
            sensitive: (section.flag("sensitive") ?? false) || nested.isSensitive, writeOnly: isWriteOnly,
            volatile: section.flag("volatile") ?? false,
            normalisation: NormalisationRules.normalisation(nested.rules(&section), nested.rules),
            section.text("summary") ?? "")
    }

    private mutating func readPresence() -> AttributeSchema.Presence {
        let isRequired = section.flag("required") ?? false
        let isComputed = section.flag("computed") ?? false
        let isOptional = section.flag("optional") ?? !isComputed
        if isRequired, isComputed {
            section.report(
                "Contradicting keys",
                "the attribute \(name) is both required and computed; write optional and "
                    + "computed where the server fills in what the spec leaves out.", at: range)
        }
        if isRequired { return .required }
        return isComputed ? (isOptional ? .optionalComputed : .computed) : .optional
    }

    private mutating func readDefault(_ type: ValueType) -> Value? {
        guard let node = section.node["default"] else { return nil }
        do {
            return try node.plainValue.converted(to: type)
        } catch {
            section.report("Unsuitable value type", "the default of \(name): \(error.message).", at: node.range)
            return nil
        }
    }
}

/// Reads the types of attributes, those within objects, lists and maps among them.
struct NestedTypeReader {
    private static let elementKeys = ["type", "elements", "attributes"]
    private static let attributeKeys =
        elementKeys + ["required", "optional", "computed", "default", "sensitive", "normalise", "summary"]
    private static let deepest = 32

    /// Where it is in the attribute: `rules[*].port`.
    private let path: String
    private let depth: Int
    private let isInSet: Bool
    private(set) var isSensitive = false
    private(set) var computed: [AttributePattern] = []
    /// Rules of what is within.
    private(set) var rules: [(pattern: AttributePattern, names: [String])] = []

    init(path: String, depth: Int = 0, isInSet: Bool = false) {
        self.path = path
        self.depth = depth
        self.isInSet = isInSet
    }

    /// The type that a section with `type` gives.
    mutating func type(_ section: inout SectionReader, at range: SourceRange) -> ValueType {
        guard depth < NestedTypeReader.deepest else {
            section.report("Nested too deeply", "\(section.what) is nested too deeply.", at: range)
            return .any
        }
        let text = section.requiredText("type")
        let isObject = text == "object"
        let isCollection = ["list", "set", "map"].contains(text)
        for (key, isAllowed) in [("attributes", isObject), ("elements", isCollection)] where !isAllowed {
            guard let node = section.node[key] else { continue }
            section.report(
                "Contradicting keys",
                "\(section.what): \"\(key)\" goes with type: \(key == "attributes" ? "object" : "list, set or map").",
                at: node.range.firstLine)
        }
        if isObject, let node = section.node["attributes"] { return object(node, &section) }
        if isCollection, let node = section.node["elements"] { return collection(text, of: node, &section) }
        if let type = ValueType(parsing: text) { return type }
        if !text.isEmpty {
            let more = isObject ? " An object says what it holds: attributes." : ""
            section.report(
                "Invalid type",
                "\"\(text)\" is no type. Types are string, number, bool, list(...), set(...), "
                    + "map(...), object({...}).\(more)", at: section.node["type"]?.range ?? range)
        }
        return .any
    }

    private mutating func collection(
        _ kind: String, of node: SpecificationNode, _ section: inout SectionReader
    ) -> ValueType {
        var inner = NestedTypeReader(path: path + "[*]", depth: depth + 1, isInSet: isInSet || kind == "set")
        let element = section.section(node, "the elements of \(path)", keys: NestedTypeReader.elementKeys) {
            inner.type(&$0, at: node.range.firstLine)
        }
        take(inner)
        switch kind {
        case "list": return .list(element)
        case "set": return .set(element)
        default: return .map(element)
        }
    }

    private mutating func object(_ node: SpecificationNode, _ section: inout SectionReader) -> ValueType {
        var attributes: [ValueType.ObjectAttribute] = []
        section.section(node, "the attributes of \(path)", keys: nil) { section in
            for entry in section.entries {
                attributes.append(attribute(entry, &section))
            }
        }
        return .object(attributes.sorted { $0.name < $1.name })
    }

    private mutating func attribute(
        _ entry: SpecificationNode.Entry, _ section: inout SectionReader
    ) -> ValueType.ObjectAttribute {
        let place =
            path + (AttributePath(entry.key).description.hasPrefix("[") ? "" : ".")
            + AttributePath(entry.key).description
        var inner = NestedTypeReader(path: place, depth: depth + 1, isInSet: isInSet)
        defer { take(inner) }
        return section.section(entry.value, "the attribute \(place)", keys: NestedTypeReader.attributeKeys) { section in
            let type = inner.type(&section, at: entry.keyRange)
            let isRequired = section.flag("required") ?? false
            let isComputed = section.flag("computed") ?? false
            _ = section.flag("optional")
            _ = section.text("summary")
            if section.flag("sensitive") ?? false { inner.isSensitive = true }
            if isRequired, isComputed || section.node["default"] != nil {
                section.report(
                    "Contradicting keys",
                    "the attribute \(place) is required, so that it can be neither computed nor "
                        + "have a default.", at: entry.keyRange)
            }
            if isComputed, isInSet {
                section.report(
                    "Contradicting keys",
                    "the attribute \(place) is in a set, whose elements are told apart by all they hold: it cannot be "
                        + "computed. Make it a list.", at: entry.keyRange)
            }
            inner.note(&section, isComputed: isComputed)
            return ValueType.ObjectAttribute(
                entry.key, type, isOptional: !isRequired, defaultValue: inner.defaultValue(&section, type))
        }
    }

    private mutating func note(_ section: inout SectionReader, isComputed: Bool) {
        let names = rules(&section)
        guard let pattern = AttributePattern(parsing: path) else { return }
        if isComputed { computed.append(pattern) }
        if !names.isEmpty { rules.append((pattern, names)) }
    }

    private func defaultValue(_ section: inout SectionReader, _ type: ValueType) -> Value? {
        guard let node = section.node["default"] else { return nil }
        do {
            return try node.plainValue.converted(to: type)
        } catch {
            section.report("Unsuitable value type", "the default of \(path): \(error.message).", at: node.range)
            return nil
        }
    }

    /// The names of the rules of a section's `normalise`; those that do not exist are told.
    func rules(_ section: inout SectionReader) -> [String] {
        let given = section.texts("normalise")
        let names = NormalisationRules.names
        for rule in given where !names.contains(rule.text) {
            section.report(
                "Unknown rule",
                "there is no rule \"\(rule.text)\"."
                    + Suggestion.didYouMean(rule.text, among: names) + " There is: \(names.joined(separator: ", ")).",
                at: rule.range)
        }
        return given.map(\.text)
    }

    private mutating func take(_ inner: NestedTypeReader) {
        isSensitive = isSensitive || inner.isSensitive
        computed += inner.computed
        rules += inner.rules
    }
}

extension SpecificationNode {
    /// The node's value as it is written, expressions not looked for.
    var plainValue: Value {
        switch content {
        case .scalar(let scalar): scalar.value
        case .sequence(let nodes): .tuple(nodes.map(\.plainValue))
        case .mapping(let entries): .object(ValueMap(entries.map { ($0.key, $0.value.plainValue) }))
        }
    }
}
