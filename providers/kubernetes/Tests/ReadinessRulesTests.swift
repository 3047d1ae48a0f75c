import PlumbModel
import Testing

@testable import KubernetesProvider

@Suite struct ReadinessRulesTests {
    @Test func deploymentWaitsForItsReplicas() {
        let deployment: Value = [
            "metadata": ["generation": 2], "spec": ["replicas": 3],
            "status": ["observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 1],
        ]
        let kind = GroupKind(group: "apps", kind: "Deployment")
        #expect(ReadinessRules(deployment).judge(kind) == .waiting("1 of 3 replicas are available"))
    }
}
