import PlumbModel
import ProviderAPI
import Testing

@testable import KubernetesProvider

@Suite struct ObjectSchemaTests {
    private let definitions: ValueMap = [
        "io.k8s.api.apps.v1.Deployment": [
            "properties": ["spec": ["allOf": [["$ref": "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec"]]]]
        ],
        "io.k8s.api.apps.v1.DeploymentSpec": [
            "type": "object", "required": ["selector"],
            "properties": [
                "replicas": ["type": "integer", "format": "int32"], "selector": ["type": "object"],
                "strategy": ["type": "string", "enum": ["Recreate", "RollingUpdate"]],
                "port": ["$ref": "#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString"],
                "cpu": ["$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"],
                "size": ["allOf": [["$ref": "#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity"]]],
                "labels": ["type": "object", "additionalProperties": ["type": "string"]],
                "args": ["type": "array", "items": ["type": "string"]],
                "raw": ["type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": [:]],
            ],
        ],
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString": ["type": "string", "format": "int-or-string"],
        "io.k8s.apimachinery.pkg.api.resource.Quantity": ["type": "string"],
    ]

    private func faults(_ spec: Value, needsAll: Bool = false) -> [String] {
        let schema = ObjectSchema(
            ["allOf": [["$ref": "#/definitions/io.k8s.api.apps.v1.Deployment"]]], definitions: definitions)
        let manifest: Value = ["apiVersion": "apps/v1", "kind": "Deployment", "spec": spec]
        return schema.faults(in: manifest, ignoring: ["apiVersion", "kind"], needsAll: needsAll).map {
            "\($0.path): \($0.message)"
        }
    }

    @Test func whatTheServerTakesHasNoFaults() {
        let spec: Value = [
            "replicas": 3, "selector": [:], "strategy": "Recreate", "port": 80, "cpu": .number(Number(0.5)), "size": 1,
            "labels": ["a": "b"], "args": ["x", .null], "raw": ["any": ["thing": 1]],
        ]
        #expect(faults(spec, needsAll: true) == [])
        #expect(faults(["port": "http", "cpu": "100m", "replicas": .unknown(), "labels": .null]) == [])
    }

    @Test(
        arguments: [
            (["replica": 1], "manifest.spec.replica: spec.replica is no field of the kind. Did you mean \"replicas\"?"),
            (
                ["replicas": "3"],
                "manifest.spec.replicas: spec.replicas must be of the type integer, but it is a string."
            ),
            (
                ["strategy": "Recreat"],
                "manifest.spec.strategy: spec.strategy must be one of \"Recreate\", \"RollingUpdate\". Did you mean \"Recreate\"?"
            ),
            (
                ["labels": ["a": 1]],
                "manifest.spec.labels.a: spec.labels.a must be of the type string, but it is a number."
            ),
            (
                ["args": ["x", true]],
                "manifest.spec.args[1]: spec.args[1] must be of the type string, but it is a bool."
            ),
            (["port": true], "manifest.spec.port: spec.port must be of the type integer or string, but it is a bool."),
        ] as [(Value, String)])
    func faultsHavePlacesAndHints(_ spec: Value, _ fault: String) {
        #expect(faults(spec) == [fault])
    }

    @Test func whatIsMissingIsToldWhereAllIsKnown() {
        #expect(faults(["replicas": 1], needsAll: true) == ["manifest.spec.selector: spec.selector is missing."])
    }
}
