import PlumbModel

extension ExplanationReport {
    /// One object: `address`, `kind`, `declared_at`, `expression`, `inputs`, `values` by version, `attributes`,
    /// `instances`, `action`, `reason`, `depends_on`, `needed_by`. Secrets are masked; what is unknown says so.
    public func json() -> String { IndentedJSON.text(document) }

    private var document: Value {
        [
            "address": .string(explanation.address), "kind": .string(explanation.kind.rawValue),
            "summary": text(explanation.summary), "declared_at": place(explanation.declaredAt),
            "type": text(explanation.type?.description), "provider": text(explanation.provider),
            "expression": text(explanation.expression), "inputs": .tuple(explanation.inputs.map(document)),
            "values": .object(
                ValueMap(explanation.values.map { ($0.version.rawValue, ExplanationReport.masked($0.value)) })),
            "attributes": .tuple(explanation.attributes.map(document)),
            "disabled": .bool(explanation.isDisabled), "instances": .tuple(explanation.instances.map(Value.string)),
            "action": text(explanation.change.map { ChangeGroup($0.action).verb }),
            "reason": text(explanation.change.map(ReasonText.phrase)),
            "changes": .bool(explanation.isChanging),
            "depends_on": .tuple(explanation.dependencies.map(document)),
            "needed_by": .tuple(explanation.dependents.map(document)),
        ]
    }

    private func document(_ input: Explanation.Input) -> Value {
        [
            "text": .string(input.text), "value": ExplanationReport.masked(input.value),
            "origin": .string(ExplanationReport.phrase(input)), "declared_at": place(input.declaredAt),
        ]
    }

    private func document(_ attribute: Explanation.Attribute) -> Value {
        [
            "name": .string(attribute.name), "expression": text(attribute.expression),
            "value": ExplanationReport.masked(attribute.value),
        ]
    }

    private func document(_ link: Explanation.Link) -> Value {
        ["address": .string(link.address), "declared_at": place(link.declaredAt)]
    }

    private func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }

    private func place(_ place: SourceLocation?) -> Value {
        guard let place else { return .null }
        return ["file": .string(place.path), "line": .number(place.line), "column": .number(place.column)]
    }

    /// The value for a program that must not see secrets: they and what is unknown are texts that say so.
    private static func masked(_ value: Value) -> Value {
        if value.isSensitive { return .string(ValueText.hidden(value)) }
        switch value.kind {
        case .unknown: return .string(ValueText.unknown)
        case .list(let elements, let sequencing): return Value(.list(elements.map(masked), sequencing))
        case .map(let map, let mapping): return Value(.map(map.mapValues(masked), mapping))
        default: return value
        }
    }
}
