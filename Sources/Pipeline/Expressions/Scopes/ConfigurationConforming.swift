public import PlumbModel

/// Checks the settings of a provider instance or of a state backend against their schema.
public struct ConfigurationConformer {
    private let schema: Schema
    private let node: SpecificationNode?
    private let name: String

    /// - Parameter name: of what is configured, with its kind: `provider http.dns`.
    public init(schema: Schema, node: SpecificationNode?, name: String) {
        self.schema = schema
        self.node = node
        self.name = name
    }

    /// - Returns: an object of all attributes of the schema; defaults filled in.
    public func conform(_ values: Value) throws(Diagnostics) -> Value {
        var diagnostics = Diagnostics()
        let map: ValueMap
        switch values.kind {
        case .map(let entries, _): map = entries
        case .null: map = ValueMap()
        default:
            throw Diagnostics(
                .error(
                    "Wrong type",
                    "The configuration of the \(name) must be a mapping, but it is "
                        + "\(values.type.phrase).", at: node?.range))
        }
        for entry in node?.mapping ?? [] where schema[entry.key] == nil {
            let hint = Suggestion.didYouMean(entry.key, among: schema.attributes.map(\.name))
            diagnostics.append(
                .error(
                    "Unknown key", "The \(name) has no setting \"\(entry.key)\".\(hint)", at: entry.keyRange))
        }
        var conformed: [(String, Value)] = []
        for attribute in schema.attributes {
            let given = map[attribute.name] ?? .null
            if given.isNull, attribute.presence == .required {
                diagnostics.append(
                    .error(
                        "Missing setting",
                        "The \(name) needs \"\(attribute.name)\" "
                            + "(\(attribute.type.phrase)).", at: node?.range))
            }
            do {
                let value = given.isNull ? attribute.defaultValue ?? .null : try given.converted(to: attribute.type)
                conformed.append((attribute.name, value))
            } catch {
                diagnostics.append(
                    .error(
                        "Wrong type", "The setting \"\(attribute.name)\" of the \(name): \(error.message).",
                        at: node?.range(at: AttributePath(attribute.name))))
            }
        }
        try diagnostics.throwIfErrors()
        return .object(ValueMap(conformed))
    }
}
