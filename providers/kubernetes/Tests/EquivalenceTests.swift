import PlumbModel
import Testing

@testable import KubernetesProvider

/// Ways of writing that mean the same to Kubernetes.
struct EquivalenceTests {
    private static let spec = AttributePath([.key("spec"), .key("cpu")])

    @Test(arguments: [
        ("1000m", "1"), ("0.5", "500m"), ("1Gi", "1024Mi"), ("1.5Gi", "1536Mi"), ("1e3", "1k"), ("100M", "0.1G"),
        ("60m", "1h0m0s"), ("90s", "1m30s"), ("1.5h", "90m"), ("1000ms", "1s"), ("0.1", "100m"), ("3u", "3000n"),
    ])
    func theseAreTheSame(_ one: String, _ other: String) {
        #expect(Equivalence(at: Self.spec).holds(.string(one), .string(other)))
        #expect(Equivalence(at: Self.spec).holds(.string(other), .string(one)))
    }

    @Test(arguments: [
        ("1.0", "1"), ("1000m", "2"), ("1Gi", "1G"), ("1h", "1m"), ("", "0"), ("1x", "1"), ("m", "1"), ("1", "1s"),
        ("1.2.3", "1.2.30"), ("0x10", "16"), ("web", "Web"),
    ])
    func theseAreNot(_ one: String, _ other: String) {
        #expect(!Equivalence(at: Self.spec).holds(.string(one), .string(other)))
    }

    @Test(
        arguments: [
            [.key("data"), .key("cpu")], [.key("metadata"), .key("labels"), .key("cpu")],
            [.key("spec"), .key("containers"), .index(0), .key("args"), .index(0)],
            [.key("spec"), .key("containers"), .index(0), .key("env"), .index(0), .key("value")],
        ] as [[AttributePath.Step]])
    func textIsText(_ steps: [AttributePath.Step]) {
        #expect(!Equivalence(at: AttributePath(steps)).holds("1000m", "1"))
    }

    @Test func nothingAndSomethingEmptyAreTheSame() {
        let equivalence = Equivalence(at: Self.spec)
        #expect(equivalence.holds(["limits": [:]], .null))
        #expect(equivalence.holds([], .null))
        #expect(!equivalence.holds(["limits": ["cpu": "1"]], .null))
        #expect(!equivalence.holds(0, .null))
        #expect(!equivalence.holds("80", 80))
    }

    /// A list that is one value: what a later server adds to its items is nobody's declaration.
    @Test func itemsMayHaveMoreThanIsDeclared() {
        let equivalence = Equivalence(at: Self.spec)
        let declared: Value = [["name": "a", "spec": ["size": "1024Mi"]]]
        #expect(equivalence.holds(declared, [["name": "a", "spec": ["size": "1Gi", "mode": "x"], "status": [:]]]))
        #expect(!equivalence.holds(declared, [["name": "a", "spec": ["size": "2Gi"]]]))
        #expect(!equivalence.holds(declared, [["name": "a"]]))
        #expect(!equivalence.holds(declared, [["name": "a", "spec": ["size": "1Gi"]], ["name": "b"]]))
        #expect(!equivalence.holds(["a"], ["a", "b"]))
    }
}
