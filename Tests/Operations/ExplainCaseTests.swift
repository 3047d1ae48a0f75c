import Foundation
import Operations
import PlumbModel
import Reporting
import StackFixtures
import Testing

/// Each thing of one stack is explained, after an apply and two changes, with exactly the text in `Cases/explain`.
struct ExplainCaseTests {
    private static let spec = """
        variables:
          services:
            type: map(object({port = number}))
            default: {api: {port: 8081}, web: {port: 8080}}
            description: What listens where.
          password: {type: string, default: hush-hush, sensitive: true}
          region: {type: string}
          stage: {type: string, default: dev}
        locals:
          prefix: ${stack.name}-${var.region}
          ports: "${{for name, one in var.services : name => one.port}}"
        resources:
          data_value.config:
            for_each: ${var.services}
            spec:
              input:
                name: ${local.prefix}-${each.key}
                port: ${each.value.port}
          data_value.counted:
            count: 2
            spec: {input: "${count.index + 1}"}
          data_value.user:
            depends_on: [data_value.counted]
            spec:
              input:
                - ${data_value.config["web"].input.name}
                - ${var.password}
                - constant
          random_password.made: {spec: {length: 16}}
          data_value.late:
            for_each: ${data_value.config["web"].input}
            spec: {input: ["${each.key}", "${each.value}"]}
          data_value.off: {enabled: '${var.stage == "never"}', spec: {input: x}}
          local_file.motd:
            spec:
              filename: motd
              content: |
                Welcome to ${var.region}
                ports: ${jsonencode(local.ports)}
          local_file.secret: {spec: {filename: secret, sensitive_content: "plainly written"}}
        data:
          local_file.seen: {spec: {filename: '${data_value.user.id == "" ? "" : "stack.yaml"}'}}
        outputs:
          first: {value: '${data_value.config["web"].input}', description: The first one.}
          password: {value: "${random_password.made.result}", sensitive: true}
        """

    static let targets = [
        "var.services", "var.services.web", "var.password", "var.region", "var.stage", "local.prefix",
        "local.ports.web",
        "data_value.config", "data_value.config[\"web\"]", "data_value.config[\"web\"].input",
        "data_value.config[\"web\"].input.port", "data_value.config[\"web\"].output", "data_value.counted",
        "data_value.counted[1].input", "data_value.user.input", "data_value.user.input[0]", "random_password.made",
        "random_password.made.result", "local_file.motd.content", "local_file.secret",
        "local_file.secret.sensitive_content", "data.local_file.seen", "output.first", "output.first.name",
        "output.password",
        "data_value.late", "data_value.late[\"port\"].input[1]", "data_value.off",
        // What cannot be explained.
        "var.regoin", "local.prefx", "output.frist", "data_value.confg", "data.local_file.sen",
        "data_value.config.input", "data_value.config[\"wbe\"]", "data_value.counted[7].input",
        "local_file.motd.contnet", "var.services.web.prot", "output.first.nmae", "local.ports.wbe",
        "data_value.user.input[9]", "data_value.late[\"prot\"]", "data_value.late.input",
        "module.net.local_file.a.content",
        "module.net[\"eu\"].module.inner[0].data.local_file.a", "module.net.output", "module.net", "each.key", "1 + 1",
        "data_value", "data_value.config[web]", "",
    ]

    @Test func everythingIsExplained() async throws {
        let fixture = try StackFixture(Self.spec)
        try fixture.write("eu.vars.yaml", "region: eu\n")
        try await fixture.apply()
        // One is changed in the spec, one outside of it.
        try fixture.spec(Self.spec.replacingOccurrences(of: "port: 8080", with: "port: 9090"))
        try fixture.write("motd", "tampered\n")
        let session = try await StackSession.open(
            StackLocation(directory: fixture.folder), capabilities: StackFixture.capabilities,
            environment: ["PLUMB_VAR_stage": "prod"])
        let operation = try ExplainOperation(session, environment: ["PLUMB_VAR_stage": "prod"], variables: [])
        let (text, json) = try await explain(Self.targets, operation)
        await session.close()
        let unnamed = text.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "UUID")
        for secret in ["hush-hush", "plainly written"] {
            #expect(!text.contains(secret) && !json.contains(secret))
        }
        try expect(unnamed, "explain/terminal.txt")
        let one = try #require(json.split(separator: "\n}\n").first { $0.contains("\"data_value.user.input[0]\"") })
        try expect(String(one) + "\n}\n", "explain/json.txt")
    }

    /// What a module's names are and come from; its `each.key`, variables and outputs are its own.
    private static let modules = """
        variables:
          size: {type: number, default: 7}
          secret: {type: string, default: hush-hush, sensitive: true}
        locals: {sizes: {eu: 1, us: 2}}
        modules:
          net:
            source: ./net
            for_each: ${local.sizes}
            inputs: {size: "${each.value + var.size}", secret: "${var.secret}"}
          none: {source: ./net, enabled: false, inputs: {size: 1, secret: x}}
        resources:
          data_value.sum: {spec: {input: '${module.net["eu"].double}'}}
        """
    private static let net = """
        variables:
          size: {type: number, description: How large it is.}
          unit: {type: string, default: GiB}
          secret: {type: string, sensitive: true}
        locals: {double: "${var.size * 2}", keys: [a, b]}
        resources:
          data_value.disk:
            for_each: ${toset(local.keys)}
            spec: {input: "${var.size} ${var.unit}"}
        outputs:
          double: {value: "${local.double}"}
          disks: {value: "${data_value.disk}"}
          secret: {value: "${var.secret}", sensitive: true}
        """

    static let moduleTargets = [
        "module.net", "module.net[\"eu\"]", "module.none", "module.net[\"eu\"].var.size", "module.net[\"us\"].var.unit",
        "module.net[\"us\"].var.secret", "module.net[\"eu\"].local.double", "module.net[\"eu\"].double",
        "module.net[\"eu\"].output.disks.a.input", "module.net[\"eu\"].secret", "module.net[\"eu\"].data_value.disk",
        "module.net[\"eu\"].data_value.disk[\"a\"].input", "var.size", "local.sizes", "data_value.sum.input",
        // What cannot be explained.
        "module.nte", "module.net[\"ue\"]", "module.net.var.size", "module.none.double",
        "module.net[\"eu\"].var.sise", "module.net[\"eu\"].local.dubble", "module.net[\"eu\"].duoble",
        "module.net[\"eu\"].data_value.dsk", "module.net[\"eu\"].module.inner",
    ]

    @Test func modulesAreExplained() async throws {
        let fixture = try StackFixture(Self.modules)
        try FileManager.default.createDirectory(
            atPath: fixture.folder + "/net", withIntermediateDirectories: true)
        try fixture.write("net/net.yaml", Self.net)
        let session = try await StackSession.open(
            StackLocation(directory: fixture.folder), capabilities: StackFixture.capabilities, environment: [:])
        let (text, json) = try await explain(
            Self.moduleTargets, try ExplainOperation(session, environment: [:], variables: []))
        await session.close()
        #expect(!text.contains("hush-hush") && !json.contains("hush-hush"))
        try expect(text, "explain/modules.txt")
    }

    private func explain(
        _ targets: [String], _ operation: ExplainOperation
    ) async throws -> (text: String, json: String) {
        var text = ""
        var json = ""
        for target in targets {
            text += "$ plumb explain \(target)\n"
            let found = try await problems {
                let explanation = try await operation.explain(target, refreshes: true) { _ in }
                let report = ExplanationReport(explanation)
                text += report.render(.plain)
                json += report.json()
            }
            text += DiagnosticReport(found).render(.plain) + "\n"
        }
        return (text, json)
    }

    private func expect(_ text: String, _ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/\(name)")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            Issue.record("recorded \(name); run again without RECORD")
            return
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}
