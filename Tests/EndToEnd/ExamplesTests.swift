import Foundation
import KubernetesFixtures
import LibvirtFixtures
import StackFixtures
import Testing
import ThrowawayServers

/// Every example of the repository does what its README says, on a clean copy; its `plan.txt` is its first plan.
struct ExamplesTests {
    @Test(arguments: ["examples/quickstart", "examples/modules", "examples/policies", "examples/scheduled-drift"])
    func withoutServicesItAppliesOnceAndLeavesNothing(_ example: String) async throws {
        let stack = try Stack(copying: example)
        try await appliesOnceAndLeavesNothing(stack, example)
        let left = try await stack.shell("find out -type f")
        #expect(left.isEmpty)
    }

    @Test func theQuickStartsTestsPassAndMakeNothing() async throws {
        let stack = try Stack(copying: "examples/quickstart")
        let result = try await stack.plumb("test")
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("Passed: 3 passed"))
        #expect(!stack.exists("out") && !stack.exists(".plumb"))
    }

    @Test func everyExampleIsTested() throws {
        let examples = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/examples")
        let tested =
            ["quickstart", "modules", "policies", "dns", "overlay-and-chart", "scheduled-drift", "vm-lab", "ci"]
            + Self.onKubernetes
            + Self.withServers.map(\.name)
            + Self.described.map(\.name)
        #expect(Set(examples.filter { !$0.hasSuffix(".md") }) == Set(tested), "a new example needs a test here")
    }

    @Test(.enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"))
    func dns() async throws {
        let server = try await PowerDNS.start()
        let stack = try Stack(copying: "examples/dns", environment: server.environment)
        try await appliesOnceAndLeavesNothing(stack, "examples/dns")
        #expect(try await server.zones().isEmpty)
    }

    /// An example and the server that its README starts.
    struct ServedExample: Sendable, CustomTestStringConvertible {
        let name: String
        let server: ThrowawayServer
        var testDescription: String { name }
    }

    private static let withServers = [
        ServedExample(name: "rabbitmq", server: .rabbitmq), ServedExample(name: "keystone", server: .keystone),
        ServedExample(name: "aws", server: .moto),
    ]

    @Test(arguments: withServers.filter(\.server.isExpected)) func withServer(_ example: ServedExample) async throws {
        let environment = try await example.server.environment()
        let stack = try Stack(copying: "examples/\(example.name)", environment: environment)
        try await appliesOnceAndLeavesNothing(stack, "examples/\(example.name)")
    }

    /// An example of a cloud that cannot run here, and what plays it.
    struct DescribedExample: Sendable, CustomTestStringConvertible {
        let name: String
        let api: DescribedAPI
        /// Which environment variable holds the token.
        let token: String
        var testDescription: String { name }
    }

    private static let described = [
        DescribedExample(name: "digitalocean", api: .digitalocean, token: "DIGITALOCEAN_TOKEN"),
        DescribedExample(name: "hetzner", api: .hcloud, token: "HCLOUD_TOKEN"),
        DescribedExample(name: "cloudflare", api: .cloudflare, token: "CLOUDFLARE_API_TOKEN"),
        DescribedExample(name: "github", api: .github, token: "GITHUB_TOKEN"),
    ]

    @Test(arguments: described) func ofADescribedCloud(_ example: DescribedExample) async throws {
        let stack = try Stack(
            copying: "examples/\(example.name)", environment: [example.token: DescribedAPI.token])
        let file = try #require(stack.read("stack.yaml"))
        let setting = "api: \(example.api.rawValue)"
        try #require(file.contains(setting))
        let url = try await example.api.url()
        try stack.write("stack.yaml", file.replacing(setting, with: "\(setting), base_url: \"\(url)\""))
        try await appliesOnceAndLeavesNothing(stack, "examples/\(example.name)")
    }

    private static let onKubernetes = ["guestbook", "crd-and-object", "many-namespaces", "controller"]

    @Test(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"), arguments: onKubernetes)
    func kubernetes(_ example: String) async throws {
        let server = try await KubernetesServer.shared()
        let stack = try Stack(copying: "examples/\(example)", environment: server.environment)
        try await appliesOnceAndLeavesNothing(stack, "examples/\(example)")
    }

    @Test(
        .enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"),
        .enabled(
            if: RenderingPrograms.folder != nil, "helm and kubectl are missing (Tests/Services/rendering-programs)"))
    func overlayAndChart() async throws {
        let server = try await KubernetesServer.shared()
        let environment = server.environment.merging(["PATH": RenderingPrograms.searchPath]) { $1 }
        let stack = try Stack(copying: "examples/overlay-and-chart", environment: environment)
        try await appliesOnceAndLeavesNothing(stack, "examples/overlay-and-chart")
    }

    @Test(
        .enabled(
            if: LibvirtServer.isExpected && FileManager.default.isExecutableFile(atPath: GatewayProcess.binary.path),
            "libvirtd, root or the gateway's binary are missing"))
    func vmLab() async throws {
        let server = try await LibvirtServer.shared()
        let guest = try await LibvirtServer.guest()
        let gateway = try GatewayProcess(uri: server.uri)
        try await gateway.awaitReady()
        let image = guest.kernel.deletingLastPathComponent().path
        let stack = try Stack(
            copying: "examples/vm-lab",
            environment: [
                "PLUMB_LIBVIRT_URL": "unix://\(gateway.socket)", "PLUMB_VAR_folder": gateway.pools.path,
                "PLUMB_VAR_guest": image,
            ])
        try await appliesOnceAndLeavesNothing(
            stack, "examples/vm-lab", as: [gateway.pools.path: "/var/lib/libvirt/images", image: "guest"])
        for list in ["list", "net-list", "pool-list"] {
            let names = try await server.virsh(list, "--all", "--name")
            #expect(names.split(whereSeparator: \.isWhitespace).isEmpty, "left behind: \(names)")
        }
        let files = FileManager.default.enumerator(atPath: gateway.folder.path)?.compactMap { $0 as? String } ?? []
        #expect(files.filter { $0.hasPrefix("pools/") || $0.hasPrefix("consoles/") } == [])
        withExtendedLifetime(gateway) {}
    }

    /// - Parameter names: what this machine's folders are called in `plan.txt`.
    private func appliesOnceAndLeavesNothing(
        _ stack: Stack, _ example: String, as names: [String: String] = [:]
    ) async throws {
        let first = try await stack.plumb("plan", "--no-color")
        #expect(first.code == 0, "\(first.errors)")
        let plan = names.reduce(first.output) { $0.replacing($1.key, with: $1.value) }
        try ExpectedText(at: Repository.root.appendingPathComponent("\(example)/plan.txt").path).check(plan)
        try await stack.apply()
        try await stack.expectNoChanges()
        let again = try await stack.apply()
        #expect(again.output.contains("No changes."))
        #expect(try await !stack.recorded().isEmpty)
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 0, "\(destroyed.errors)")
        #expect(try await stack.recorded().isEmpty)
        let second = try await stack.plumb("destroy", "--auto-approve")
        #expect(second.code == 0)
        #expect(second.output.contains("Nothing is recorded"))
    }
}
