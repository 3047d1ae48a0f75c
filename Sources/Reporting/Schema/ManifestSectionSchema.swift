import PlumbModel

/// The JSON Schema of an entry of `manifests:`.
enum ManifestSectionSchema {
    static let value = SchemaShape.object([
        "files": texts("Paths, folders and patterns (`deploy/**/*.yaml`) of manifests below the directory."),
        "exclude": texts("Patterns of files that are left out."),
        "kustomize": [
            "description": "The folder of an overlay, rendered by `kubectl kustomize`.",
            "anyOf": [
                ["type": "string"],
                SchemaShape.object(
                    [
                        "path": SchemaShape.text("The folder."),
                        "network": SchemaShape.flag("Whether bases may be fetched from other machines."),
                    ], required: ["path"]),
            ],
        ],
        "helm": helm,
        "provider": SchemaShape.text("The provider instance."),
        "namespace": SchemaShape.text("For objects that name none."),
        "enabled": flag("Whether it stands for anything."),
        "force": flag("Whether to take fields over that another field manager owns."),
        "adopt": flag("Whether to take over objects that exist already."),
        "wait": flag("Whether to wait until the objects are ready."),
        "prune": flag("Whether objects are deleted when they leave the spec."),
        "propagation": SchemaShape.text("Of deletions: Background, Foreground, Orphan."),
        "depends_on": ["type": "array", "items": ["$ref": "#/$defs/address"]],
        "ready": ["type": "object", "description": "When an object is ready, and how long to wait for it."],
    ])

    private static let helm = SchemaShape.object(
        [
            "chart": SchemaShape.text("The folder or the .tgz file of a chart, or its name in the repository."),
            "release": SchemaShape.text("The release's name; the entry's where it is left out."),
            "namespace": SchemaShape.text("The release's namespace, and that of objects that name none."),
            "values": ["type": ["object", "string"], "description": "Values of the chart; they may be expressions."],
            "values_files": texts("Files of values; a later one wins."),
            "set": ["type": "object", "description": "Single values by their paths: `image.tag`."],
            "repository": SchemaShape.text("Where the chart is fetched from; needs `version` and `network`."),
            "version": SchemaShape.text("The version of a chart that is fetched."),
            "kube_version": SchemaShape.text("What the chart is told of the cluster's version."),
            "api_versions": texts("What the chart is told the cluster offers."),
            "crds": SchemaShape.flag("Whether the definitions in the chart's folder `crds` belong to it."),
            "network": SchemaShape.flag("Whether the chart may be fetched from another machine."),
        ], required: ["chart"])

    private static func flag(_ summary: String) -> Value {
        ["type": ["boolean", "string"], "description": .string(summary)]
    }

    private static func texts(_ summary: String) -> Value {
        [
            "description": .string(summary),
            "anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]],
        ]
    }
}
