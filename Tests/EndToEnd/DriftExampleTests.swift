import Foundation
import KubernetesFixtures
import PlumbModel
import Testing

/// The files of `examples/scheduled-drift` are what the programs that read them take.
struct DriftExampleTests {
    private static let folder = "examples/scheduled-drift"
    private static let hasSystemd = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

    @Test(.enabled(if: hasSystemd, "systemd is not installed"))
    func systemdTakesItsUnits() async throws {
        let stack = try Stack(copying: Self.folder)
        try await stack.shell("systemd-analyze verify systemd/plumb-drift.service systemd/plumb-drift.timer")
        try await stack.shell("systemd-analyze calendar '*:0/10'")
    }

    @Test func theCommandsInThemAreOnesThatThereAre() async throws {
        let stack = try Stack(copying: Self.folder)
        for file in ["ci/github-actions.yml", "ci/gitlab-ci.yml", "kubernetes/cronjob.yaml"] {
            let text = try #require(stack.read(file))
            #expect(text.contains("drift"))
            let formatted = try await stack.plumb("fmt", "--check", file)
            #expect(formatted.code == 0, "\(file) is not laid out, or no YAML: \(formatted.output)\(formatted.errors)")
        }
        try await stack.apply()
        try stack.write("out/motd", "changed")
        let healed = try await stack.plumb("drift", "--heal", "--no-color", "--lock-timeout", "5m", "--all", ".")
        #expect(healed.code == 0, "\(healed.output)\(healed.errors)")
        #expect(stack.read("out/motd") == "Welcome.\n")
        try stack.write("out/banner", "changed")
        let warned = try await stack.plumb("drift", "--heal", "--no-color")
        #expect(warned.code == 2)
        #expect(warned.errors.contains("local_file.banner"))
    }

    @Test(.enabled(if: KubernetesServer.isExpected, "Kubernetes has not been built"))
    func kubernetesTakesTheCronJob() async throws {
        let server = try await KubernetesServer.shared()
        var text = try String(
            contentsOf: Repository.root.appendingPathComponent("\(Self.folder)/kubernetes/cronjob.yaml"),
            encoding: .utf8)
        // Servers before 1.21 have the same object under its older version.
        let kinds = try await server.ask("GET", "/apis/batch/v1").body[key: "resources"]?.asList ?? []
        if !kinds.contains(where: { $0[key: "kind"] == "CronJob" }) {
            text = text.replacing("apiVersion: batch/v1\n", with: "apiVersion: batch/v1beta1\n")
        }
        let stack = try Stack(["cronjob.yaml": text], environment: server.environment)
        let plan = try await stack.plumb("plan", "--no-color")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.words.contains("Plan: 1 to create"), "\(plan.output)")
    }
}
