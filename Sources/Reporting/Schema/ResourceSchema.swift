import PlumbModel

/// The JSON Schema of one resource's or data resource's declaration: the keys beside `spec`, and the type's own.
struct ResourceSchema {
    private let entry: Vocabulary.TypeEntry

    init(_ entry: Vocabulary.TypeEntry) {
        self.entry = entry
    }

    func value() -> Value {
        let isRequired = entry.schema.attributes.contains { $0.presence == .required }
        var keys: ValueMap = [
            "spec": AttributeSchemaDocument.spec(of: entry.schema),
            "provider": SchemaShape.text("The provider instance: \(entry.providers.joined(separator: ", "))."),
            "for_each": SchemaShape.repetition, "count": SchemaShape.count,
            "enabled": SchemaShape.flag("False: it is not there."),
            "depends_on": [
                "description": "What must be done before, though nothing refers to it.",
                "type": "array", "items": .reference("address"),
            ],
            "ready": SchemaShape.object([
                "when": SchemaShape.flag("An expression over `self` that holds once it can be used."),
                "timeout": SchemaShape.text("How long that may take, such as `5m`."),
            ]),
            "lifecycle": SchemaShape.object(entry.mode == .data ? Self.conditions : Self.lifecycle),
            "timeouts": SchemaShape.object([
                "create": SchemaShape.text("Such as `10m`."), "update": SchemaShape.text("Such as `10m`."),
                "delete": SchemaShape.text("Such as `10m`."),
            ]),
            "retry": SchemaShape.object([
                "attempts": ["type": ["integer", "string"], "description": "How often a call is made in all."],
                "pause": SchemaShape.text("Before the second attempt, such as `1s`; doubled before each further one."),
            ]),
        ]
        if entry.mode == .managed {
            keys["drift"] = SchemaShape.object([
                "mode": Self.driftMode,
                "paths": [
                    "description": "Modes of parts, such as `tags.owner`.", "type": "object",
                    "additionalProperties": Self.driftMode,
                ],
                "replace": SchemaShape.flag("A heal may replace it."),
            ])
        }
        return SchemaShape.object(keys, required: isRequired ? ["spec"] : [], isNullable: !isRequired)
    }

    private static let driftMode: Value = [
        "type": "string", "description": "`detect`, `warn` or `heal`, or an expression.",
        "pattern": .string("^(detect|warn|heal)$|\(AttributeSchemaDocument.expression)"),
    ]

    private static let conditions: ValueMap = [
        "preconditions": .reference("conditions"), "postconditions": .reference("conditions"),
    ]

    private static let lifecycle = conditions.merging([
        "create_before_destroy": SchemaShape.flag("A replacement is made before the old one goes."),
        "prevent_destroy": SchemaShape.flag("Any plan that would destroy it is refused."),
        "ignore_changes": [
            "description": "Attributes that may differ from the spec, or `all`.",
            "type": ["array", "string"], "items": ["type": "string"],
        ],
        "replace_triggered_by": [
            "description": "It is replaced when one of these changes.", "type": "array", "items": ["type": "string"],
        ],
        "retain": SchemaShape.flag("Once it is no longer declared, it is forgotten and not destroyed."),
    ])
}

/// Pieces that JSON Schemas of the language are made of.
enum SchemaShape {
    static let repetition: Value = [
        "description": "One instance for each element of a map or set of strings: `each.key`, `each.value`.",
        "type": ["object", "array", "string"], "pattern": .string(AttributeSchemaDocument.expression),
    ]

    static let count: Value = [
        "description": "So many instances: `count.index`.", "type": ["integer", "string"],
        "pattern": .string("^[0-9]+$|\(AttributeSchemaDocument.expression)"),
    ]

    static func text(_ summary: String) -> Value { ["type": "string", "description": .string(summary)] }

    /// True, false, or an expression.
    static func flag(_ summary: String) -> Value {
        var document = AttributeSchemaDocument.value(.bool, isNullable: false).asMap ?? ValueMap()
        document["description"] = .string(summary)
        return .object(document)
    }

    static func object(_ keys: ValueMap, required: [String] = [], isNullable: Bool = false) -> Value {
        var document: ValueMap = [
            "type": isNullable ? ["object", "null"] : "object", "properties": .object(keys),
            "additionalProperties": false,
        ]
        if !required.isEmpty { document["required"] = .tuple(required.map(Value.string)) }
        return .object(document)
    }
}

extension Value {
    /// A reference to one of the schema's definitions.
    static func reference(_ definition: String) -> Value { ["$ref": .string("#/$defs/\(definition)")] }
}
