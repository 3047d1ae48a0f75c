import Foundation
import GitFixtures
import PlumbModel
import Testing

/// What people ask of a running controller, by way of its API.
@Suite(.enabled(if: Program.isExpected("curl"))) struct ControllerOrderTests {
    /// Of the token `t`.
    private static let digest = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"
    private static let server = """
        server:
          listen: unix:api.sock
          tokens: {alice: {sha256: \(digest), role: admin}}
        """

    private static func site(_ sync: String) throws -> ControllerSite {
        try ControllerSite(
            [
                "stacks/web/stack.yaml": "stack: web\nsync: \(sync)\n",
                "stacks/web/main.yaml": ControllerSite.file("motd", "one"),
            ],
            settings: server)
    }

    /// - Returns: the document that was answered; null for none.
    @discardableResult
    private static func ask(_ site: ControllerSite, _ path: String, _ body: String? = nil) async throws -> Value {
        var arguments = [
            "-s", "--max-time", "10", "--unix-socket", "api.sock", "-H", "Authorization: Bearer t",
            "-H", "Content-Type: application/json", "http://plumb/api/v1/\(path)",
        ]
        if let body { arguments += ["--data", body] }
        let words = arguments
        let result = try await ProcessGate.shared.pass {
            await (try ChildProcess("/usr/bin/curl", words, in: site.folder.path, environment: [:], deadline: 20))
                .result()
        }
        return result.output.isEmpty ? .null : try Value(json: result.output)
    }

    private static func status(_ site: ControllerSite) async throws -> Value { try await ask(site, "stacks/web") }

    private static func text(_ value: Value, _ key: String) -> String? {
        let stack = value[key: "stack"]
        return (stack?.asString == nil ? stack?[key: key] : nil)?.asString ?? value[key: key]?.asString
    }

    @Test func aPlanIsApprovedByItsDigestAndNoOther() async throws {
        let site = try Self.site("{mode: manual}")
        try await site.running {
            var plan = Value.null
            try await site.wait("the plan") {
                plan = try await Self.ask(site, "stacks/web/plan")
                return plan[key: "digest"]?.asString != nil
            }
            let digest = try #require(plan[key: "digest"]?.asString)
            let refused = try await Self.ask(site, "stacks/web/approve", "{\"reason\": \"x\", \"digest\": \"abc\"}")
            #expect(refused.json.contains("No plan of web with the digest abc waits"), "\(refused.json)")
            #expect(site.content("motd") == nil)
            try await Self.ask(site, "stacks/web/approve", "{\"reason\": \"looked at\", \"digest\": \"\(digest)\"}")
            try await site.wait("motd", is: "one")
            let audit = try await Self.ask(site, "audit")
            #expect(audit.json.contains("looked at") && audit.json.contains("alice"), "\(audit.json)")
        }
    }

    @Test func aSuspendedStackIsLeftAloneUntilItIsResumed() async throws {
        let site = try Self.site("{drift: {mode: heal, every: 300ms}}")
        try await site.running {
            try await site.wait("motd", is: "one")
            try await Self.ask(site, "stacks/web/suspend", "{\"reason\": \"incident\"}")
            try await site.wait("the suspension") { Self.text(try await Self.status(site), "phase") == "halted" }
            try site.tamper("motd", "by hand")
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "two"))
            try site.repository.commit()
            try await Task.sleep(for: .seconds(1.5))
            #expect(site.content("motd") == "by hand")
            try await Self.ask(site, "stacks/web/resume", "{\"reason\": \"over\"}")
            try await site.wait("motd", is: "two")
        }
    }

    @Test func aRollbackHoldsTheRevisionBeforeUntilANewerOneComes() async throws {
        let site = try Self.site("{drift: {mode: heal, every: 300ms}}")
        try await site.running {
            try await site.wait("motd", is: "one")
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "bad"))
            try site.repository.commit()
            try await site.wait("motd", is: "bad")
            try await site.wait("convergence") { Self.text(try await Self.status(site), "phase") == "converged" }
            try await Self.ask(site, "stacks/web/rollback", "{\"reason\": \"does not start\"}")
            try await site.wait("motd", is: "one")
            try site.tamper("motd", "by hand")
            try await site.wait("motd", is: "one")
            try await Task.sleep(for: .seconds(1))
            #expect(site.content("motd") == "one")
            try site.write("stacks/web/main.yaml", ControllerSite.file("motd", "mended"))
            try site.repository.commit()
            try await site.wait("motd", is: "mended")
        }
    }
}
