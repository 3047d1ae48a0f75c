import PlumbModel

/// The JSON Schema of a spec document: its sections, and the keys of what is declared in them.
struct SectionSchema {
    private let vocabulary: Vocabulary

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    func value() -> Value {
        let sections: ValueMap = [
            "variables": section("What is given from outside: name to declaration.", of: ["$ref": "#/$defs/variable"]),
            "locals": [
                "description": "Values with names, for use in expressions.", "type": ["object", "null"],
            ],
            "resources": resources("What there is to be: `type.name` to declaration.", .managed),
            "data": resources("What is only read: `type.name` to declaration.", .data),
            "modules": section("Specs of other directories, with inputs.", of: ["$ref": "#/$defs/module"]),
            "outputs": section("What an apply records for others to read.", of: ["$ref": "#/$defs/output"]),
            "checks": section("What must hold of the stack as a whole.", of: ["$ref": "#/$defs/check"]),
            "moved": list("Resources that have other addresses now.", of: ["$ref": "#/$defs/moved"]),
            "import": list("Resources that exist and are to be taken over.", of: ["$ref": "#/$defs/import"]),
            "removed": list("Resources that are no longer declared.", of: ["$ref": "#/$defs/removed"]),
            "manifests": section(
                "Kubernetes manifests of files, overlays and charts.", of: ["$ref": "#/$defs/manifests"]),
        ]
        return ["type": ["object", "null"], "properties": .object(sections), "additionalProperties": false]
    }

    func definitions() -> Value {
        var definitions: ValueMap = [
            "variable": Self.variable, "output": Self.output, "module": Self.module,
            "moved": SchemaShape.object(
                [
                    "from": SchemaShape.text("Its address until now."),
                    "to": SchemaShape.text("Its address from now on."),
                ],
                required: ["from", "to"]),
            "check": check,
            "import": SchemaShape.object(
                [
                    "to": SchemaShape.text("The address that it gets."),
                    "id": ["type": ["string", "number"], "description": "What the system knows it by."],
                    "for_each": SchemaShape.repetition,
                    "provider": SchemaShape.text("The provider instance."),
                ], required: ["to", "id"]),
            "removed": SchemaShape.object(
                [
                    "from": SchemaShape.text("Its address."), "destroy": Self.destroy,
                    "lifecycle": SchemaShape.object([
                        "destroy": Self.destroy,
                        "prevent_destroy": SchemaShape.flag("Any plan that would destroy it is refused."),
                    ]),
                ], required: ["from"]),
            "manifests": ManifestSectionSchema.value,
            "conditions": Self.conditions, "address": SchemaShape.text("An address, such as `local_file.motd`."),
        ]
        for entry in vocabulary.types { definitions[key(entry)] = ResourceSchema(entry).value() }
        return .object(definitions)
    }

    // MARK: - Resources

    private func key(_ entry: Vocabulary.TypeEntry) -> String {
        (entry.mode == .data ? "data." : "resource.") + entry.name
    }

    private func resources(_ summary: String, _ mode: ResourceAddress.Mode) -> Value {
        let entries = vocabulary.types.filter { $0.mode == mode }
        let patterns = entries.map { ("^\($0.name)\\.[^.]+$", Value.reference(key($0))) }
        return [
            "description": .string(summary), "type": ["object", "null"],
            "patternProperties": .object(ValueMap(patterns)), "additionalProperties": false,
            // Not of JSON Schema: what editors offer where the name of a new entry is typed.
            "defaultSnippets": .tuple(entries.map(snippet)),
        ]
    }

    private func snippet(_ entry: Vocabulary.TypeEntry) -> Value {
        let required = entry.schema.attributes.filter { $0.presence == .required }
        let attributes = required.enumerated().map { ($1.name, Value.string("$\($0 + 2)")) }
        return [
            "label": .string(entry.name), "description": .string("of \(entry.providers.joined(separator: ", "))"),
            "body": .object([
                "\(entry.name).${1:name}": ["spec": .object(ValueMap(attributes))]
            ]),
        ]
    }

    // MARK: - Shapes

    private func section(_ summary: String, of entry: Value) -> Value {
        ["description": .string(summary), "type": ["object", "null"], "additionalProperties": entry]
    }

    private func list(_ summary: String, of entry: Value) -> Value {
        ["description": .string(summary), "type": ["array", "null"], "items": entry]
    }

    private static let conditions: Value = [
        "type": "array",
        "items": SchemaShape.object(
            [
                "condition": SchemaShape.flag("An expression that must be true."),
                "error": SchemaShape.text("What to say where it is not."),
            ], required: ["condition", "error"]),
    ]

    private static let variable = SchemaShape.object(
        [
            "type": SchemaShape.text("Such as `string` or `map(object({size = optional(number, 2)}))`."),
            "default": ["description": "Its value where none is given."],
            "description": SchemaShape.text("What it is for."),
            "sensitive": ["type": "boolean", "description": "Its value is secret.", "default": false],
            "nullable": ["type": "boolean", "description": "It may be null.", "default": true],
            "ephemeral": ["type": "boolean", "description": "It is recorded nowhere.", "default": false],
            "deprecated": SchemaShape.text("What to do instead of giving it."),
            "validation": .reference("conditions"),
        ], isNullable: true)

    private static let output = SchemaShape.object(
        [
            "value": ["description": "An expression or a value."],
            "description": SchemaShape.text("What it is."),
            "sensitive": ["type": "boolean", "description": "It is secret.", "default": false],
            "ephemeral": ["type": "boolean", "description": "It is recorded nowhere.", "default": false],
            "depends_on": ["type": "array", "items": .reference("address")],
            "preconditions": .reference("conditions"),
        ], required: ["value"])

    private static let module = SchemaShape.object(
        [
            "source": SchemaShape.text("A directory of specs, or a Git repository."),
            "version": SchemaShape.text("Which revision of it."), "for_each": SchemaShape.repetition,
            "count": SchemaShape.count, "enabled": SchemaShape.flag("False: it is not there."),
            "depends_on": ["type": "array", "items": .reference("address")],
            "providers": ["type": "object", "description": "Which provider instances it gets."],
            "inputs": ["type": ["object", "string", "null"], "description": "The values of its variables."],
        ], required: ["source"])

    private static let destroy = SchemaShape.flag("Whether it is destroyed, or only forgotten.")

    private var check: Value {
        var data = resources("The one data resource that is read for it alone.", .data).asMap ?? ValueMap()
        data["maxProperties"] = 1
        return SchemaShape.object(["data": .object(data), "assert": .reference("conditions")], required: ["assert"])
    }
}
