import PlumbModel

/// The JSON Schema of `stack.yaml`.
struct StackSchema {
    private let vocabulary: Vocabulary

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    func value() -> Value {
        SchemaShape.object(
            [
                "stack": [
                    "description": "What the stack is called.", "type": "string",
                    "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
                ],
                "state": state, "providers": providers, "sync": Self.sync, "policies": Self.policies,
                "policy_files": [
                    "description": "Files of policies that stacks share, relative to the stack.", "type": "array",
                    "items": ["type": "string"],
                ],
            ], required: ["stack"])
    }

    private var state: Value {
        let backends = vocabulary.stateBackends.map { ($0.name, AttributeSchemaDocument.spec(of: $0.schema)) }
        return [
            "description": "Where the state is kept; left out, in the first of these.", "type": ["object", "null"],
            "properties": .object(ValueMap(backends)), "additionalProperties": false, "maxProperties": 1,
        ]
    }

    /// A provider has one configuration, or several instances that each have one.
    private var providers: Value {
        let providers = vocabulary.providers.map { provider -> (String, Value) in
            let one = AttributeSchemaDocument.spec(of: provider.schema)
            let many: Value = ["type": "object", "additionalProperties": one, "minProperties": 1]
            return (provider.name, ["anyOf": [one, many]])
        }
        return [
            "description": "Whom the stack talks to, and how.", "type": ["object", "null"],
            "properties": .object(ValueMap(providers)), "additionalProperties": false,
        ]
    }

    private static let sync: Value = [
        "description": "What the controller does with this stack.", "type": ["object", "null"],
        "properties": [
            "mode": ["type": "string", "enum": ["auto", "manual", "detect"]],
            "prune": ["type": "boolean", "description": "It destroys what is no longer declared."],
            "drift": [
                "type": "object",
                "properties": [
                    "mode": ["type": "string", "enum": ["detect", "warn", "heal"]],
                    "every": ["type": "string", "description": "Such as `60s`."],
                    "replace": ["type": "boolean", "description": "A heal may replace resources."],
                ],
            ],
            "windows": ["type": "array", "items": ["type": "object"]],
            "after": [
                "type": "array", "description": "New specs are applied when these stacks are converged, and ready.",
                "items": [
                    "anyOf": [
                        ["type": "string"],
                        [
                            "type": "object", "required": ["stack"],
                            "properties": [
                                "stack": ["type": "string"],
                                "ready": [
                                    "type": "string",
                                    "description": "An expression over `outputs` and `status` of that stack.",
                                ],
                            ],
                            "additionalProperties": false,
                        ],
                    ]
                ],
            ],
            "guard": [
                "type": "object",
                "properties": [
                    "max_destroys": [
                        "type": "integer", "description": "A run that would destroy more stops and asks.",
                    ],
                    "max_percent": [
                        "type": "integer", "description": "So is one that would destroy more of all that is there.",
                    ],
                ],
            ],
        ],
    ]

    private static let policies: Value = {
        let rule: Value = [
            "anyOf": [
                ["type": "string", "description": "An expression over `plan`: true, or a list of what offends."],
                [
                    "type": "object", "description": "A program that reads the plan as JSON.", "required": ["command"],
                    "properties": [
                        "command": ["type": "array", "items": ["type": "string"], "minItems": 1],
                        "timeout": ["type": "string", "description": "Such as `30s`."],
                    ],
                    "additionalProperties": false,
                ],
            ]
        ]
        return [
            "description": "What plans are held against.", "type": ["object", "null"],
            "additionalProperties": [
                "type": "object",
                "properties": [
                    "deny": rule, "warn": rule, "message": ["type": "string"],
                    "waivers": [
                        "type": "array", "description": "Who may let an offence pass.", "items": ["type": "string"],
                    ],
                ],
                "oneOf": [["required": ["deny"]], ["required": ["warn"]]], "additionalProperties": false,
            ],
        ]
    }()
}
