public import PlumbModel

/// What specs can say, as JSON Schema (draft 2020-12), for editors and validators.
///
/// Only keywords that draft 7 has too are used in the body, because editors' YAML servers know those best. The schema
/// tells form: names that are known, required keys, types. References and values are for `plumb validate`.
public struct JSONSchemaReport: Sendable {
    private static let draft: Value = "https://json-schema.org/draft/2020-12/schema"

    private let vocabulary: Vocabulary

    public init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    /// Of a spec file, whose documents are specs or Kubernetes manifests.
    public func spec() -> String {
        let sections = SectionSchema(vocabulary)
        let manifest: Value = [
            "description": "A Kubernetes manifest, taken as it is.",
            "required": ["apiVersion", "kind"],
            "properties": ["apiVersion": ["type": "string"], "kind": ["type": "string"]],
        ]
        return IndentedJSON.text([
            "$schema": Self.draft, "title": "Plumbline spec", "type": ["object", "null"],
            "if": ["anyOf": [["required": ["apiVersion"]], ["required": ["kind"]]]],
            "then": manifest, "else": sections.value(), "$defs": sections.definitions(),
        ])
    }

    /// Of `stack.yaml`.
    public func stack() -> String {
        var document = StackSchema(vocabulary).value().asMap ?? ValueMap()
        document["$schema"] = Self.draft
        document["title"] = "Plumbline stack"
        return IndentedJSON.text(.object(document))
    }

    /// Of the `spec` of one type.
    public func type(_ entry: Vocabulary.TypeEntry) -> String {
        var document = AttributeSchemaDocument.spec(of: entry.schema).asMap ?? ValueMap()
        document["$schema"] = Self.draft
        document["title"] = .string(entry.name)
        return IndentedJSON.text(.object(document))
    }
}
