import Foundation
import Testing

/// `plumb explain` on the quick start: before the first apply, after it, and after changes.
struct ExplainTests {
    @Test func theQuickStartIsExplained() async throws {
        let stack = try Stack(copying: "examples/quickstart")
        let new = try await stack.plumb("explain", "local_file.hosts.content")
        #expect(new.code == 0, "\(new.errors)")
        #expect(new.output.hasPrefix("local_file.hosts.content  services.yaml:26:"))
        #expect(new.words.contains("# Written by ${stack.name}") && new.words.contains("apply: to create: new"))
        #expect(new.words.contains("var.domain = \"shop.example\" its default, services.yaml:"))
        #expect(try await stack.plumb("explain", "output.certificate_ends").words.contains("known only after apply"))

        try await stack.apply()
        let settled = try await stack.plumb("explain", "tls_self_signed_cert.site.dns_names")
        #expect(settled.words.contains("apply: no change"))
        #expect(settled.words.contains("needed by: local_file.certificate"))
        let changed = try await stack.plumb(
            "explain", "local_file.hosts.content", "--var", "domain=other.example",
            environment: ["PLUMB_VAR_domain": "ignored.example"])
        #expect(changed.words.contains("var.domain = \"other.example\" given by --var domain"))
        #expect(changed.words.contains("apply: to change: changed in the specs"))
        try stack.write("out/hosts", "tampered\n")
        let drifted = try await stack.plumb("explain", "local_file.hosts.content")
        #expect(drifted.words.contains("| tampered") && drifted.words.contains("changed outside of Plumbline"))
        #expect(
            !(try await stack.plumb("explain", "local_file.hosts.content", "--refresh", "false")).words.contains(
                "tampered"))
    }

    @Test func secretsStayHidden() async throws {
        let stack = try Stack(copying: "examples/quickstart")
        try await stack.apply()
        let password = try await stack.plumb("output", "--raw", "database_password").output
        #expect(password.count == 24)
        for target in [
            "random_password.database", "local_file.config[\"web\"]", "local.settings", "output.database_password",
        ] {
            for form in [[], ["--json"]] {
                let result = await (try stack.start(["explain", target] + form)).result()
                #expect(result.code == 0 && result.output.contains("(sensitive)"), "\(target): \(result.errors)")
                #expect(!result.output.contains(password))
            }
        }
    }

    @Test func programsReadItToo() async throws {
        let stack = try Stack(copying: "examples/quickstart")
        let result = try await stack.plumb("explain", "var.services.web.port", "--json")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(document["address"] as? String == "var.services.web.port")
        #expect((document["values"] as? [String: Any])?["declared"] as? Int == 8080)
        let place = try #require(document["declared_at"] as? [String: Any])
        #expect(place["file"] as? String == "services.yaml")
    }

    @Test func whatIsNotThereIsSuggested() async throws {
        let stack = try Stack(copying: "examples/quickstart")
        let result = try await stack.plumb("explain", "local_file.hots")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.words.contains("Did you mean \"local_file.hosts\"?"))
    }
}
