import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// Pull requests behind a controller: a real Git server, a played forge that holds every request against GitHub's own
/// description, and a real PowerDNS that shows what was applied.
@Suite(
    .enabled(if: PowerDNS.isExpected, "PowerDNS is not installed"),
    .enabled(if: PlayedForge.isExpected, "the forges' models are not installed"), .timeLimit(.minutes(4)))
struct PullRequestControlTests {
    private static func stack(_ name: String, _ sync: String) -> String {
        """
        stack: \(name)
        providers:
          http: {dns: {api: powerdns, base_url: "${env.PDNS_URL}", key: "${env.PDNS_KEY}"}}
        sync: \(sync)

        """
    }

    private static func zone(_ address: String, _ zone: String = "example.org") -> String {
        """
        resources:
          powerdns_zone.example:
            provider: http.dns
            spec: {name: \(zone), nameservers: [ns1.example.net]}
          powerdns_record_set.www:
            provider: http.dns
            spec: {zone: "${powerdns_zone.example.name}", name: www.\(zone), type: A, ttl: 300, records: ["\(address)"]}

        """
    }

    private static func served(_ server: PowerDNS, _ address: String) async throws -> Bool {
        guard try await server.zones().contains("example.org.") else { return false }
        return try await server.addressRecords(of: "example.org.").map(\.addresses) == [[address]]
    }

    private static func site(
        _ server: PowerDNS, sync: String, _ settings: String, interval: String = "300ms"
    ) async throws -> ForgeSite {
        try await ForgeSite(
            ["stacks/zone/stack.yaml": stack("zone", sync), "stacks/zone/main.yaml": zone("192.0.2.1")], settings,
            interval: interval, environment: server.environment)
    }

    /// Approves the plan that waits, as people do in a stack that asks for it.
    private static func approveFirst(_ forge: ForgeSite) async throws {
        var digest: String?
        try await forge.site.wait("the first plan") {
            digest = try await forge.ask("stacks/zone")[key: "pending_plan"]?.asString
            return digest != nil
        }
        try await forge.ask(
            "stacks/zone/approve", "{\"reason\": \"first\", \"digest\": \"\(try #require(digest))\"}")
    }

    /// Webhooks alone wake it: it looks by itself once an hour.
    @Test func whatWasApprovedIsAppliedByTheMerge() async throws {
        let server = try await PowerDNS.start()
        let forge = try await Self.site(server, sync: "{mode: manual}", "{apply: on_merge}", interval: "1h")
        try await forge.site.running {
            try await Self.approveFirst(forge)
            try await forge.site.wait("the first commit") { try await Self.served(server, "192.0.2.1") }
            let commit = try forge.push(7, ["stacks/zone/main.yaml": Self.zone("192.0.2.2")])
            try await forge.open(7, commit)
            // Twice, and something old after it: what is so, the forge is asked.
            try await forge.deliver(7, .opened, commit)
            try await forge.deliver(7, .opened, commit)
            try await forge.awaitComment(7, "192.0.2.2", "192.0.2.1")
            try await forge.deliver(7, .pushed, String(repeating: "c", count: 40))
            try await forge.site.wait("statuses") {
                try await forge.statuses(of: commit)["plumbline/plan/zone"] == "success"
            }
            #expect(try await forge.comments(7).count == 1)
            try await forge.approve(7, "ada")
            #expect(try await Self.served(server, "192.0.2.1"))
            try await forge.merge(7)
            try await forge.deliver(7, .merged, commit)
            try await forge.site.wait("the apply") { try await Self.served(server, "192.0.2.2") }
            try await forge.awaitComment(7, "Applied", "zone")
            let merge = try forge.site.repository.git("rev-parse", "main")
            try await forge.site.wait("the merge's status") {
                try await forge.statuses(of: merge)["plumbline/plan-apply/zone"] == "success"
            }
            let audit = try await forge.ask("audit").json
            #expect(audit.contains("merged as"), "\(audit)")
            #expect(try await forge.wrongs() == [])
        }
    }

    /// A merge that nobody has approved waits; one that would do something else than what was looked at stops.
    @Test func whatWasNotLookedAtIsNotApplied() async throws {
        let server = try await PowerDNS.start()
        let forge = try await Self.site(
            server, sync: "{mode: auto, drift: {mode: detect, every: 1h}}", "{apply: on_merge}")
        try await forge.site.running {
            try await forge.site.wait("the first commit") { try await Self.served(server, "192.0.2.1") }
            let commit = try forge.push(7, ["stacks/zone/main.yaml": Self.zone("192.0.2.2")])
            try await forge.open(7, commit)
            try await forge.awaitComment(7, "192.0.2.2")
            try await forge.approve(7, "ada")
            // Behind everybody's back, after it was looked at: the same file would now undo that too.
            try await server.set("www.example.org.", in: "example.org.", to: "198.51.100.9")
            try await forge.merge(7)
            let told = try await forge.awaitComment(7, "not applied", "198.51.100.9")
            #expect(told.contains("other than shown"), "\(told)")
            #expect(try await Self.served(server, "198.51.100.9"))
            var status = Value.null
            try await forge.site.wait("the halt") {
                status = try await forge.ask("stacks/zone")
                return status[key: "phase"]?.asString == "halted"
            }
            let digest = try #require(status[key: "pending_plan"]?.asString)
            try await forge.ask("stacks/zone/approve", "{\"reason\": \"looked at\", \"digest\": \"\(digest)\"}")
            try await forge.site.wait("the apply") { try await Self.served(server, "192.0.2.2") }
            try await forge.awaitComment(7, "## Applied")
            #expect(try await forge.wrongs() == [])
        }
    }

    /// `plumb apply` before the merge, its lock, and `plumb unlock`.
    @Test func aCommentAppliesLocksAndUnlocks() async throws {
        let server = try await PowerDNS.start()
        let forge = try await Self.site(server, sync: "{drift: {mode: heal, every: 1s}}", "{apply: on_comment}")
        try await forge.site.running {
            try await forge.site.wait("the first commit") { try await Self.served(server, "192.0.2.1") }
            for (number, address) in [(7, "192.0.2.2"), (8, "192.0.2.3")] {
                try await forge.open(number, try forge.push(number, ["stacks/zone/main.yaml": Self.zone(address)]))
                try await forge.awaitComment(number, address)
            }
            // Who may not, and who may but too early. A forge in trouble is asked again.
            try await forge.fault("502", "POST .*/issues/7/comments")
            try await forge.comment(7, "eve", "plumb apply")
            try await forge.awaitComment(7, "`plumb apply` is refused", "write permission")
            try await forge.fault("secondary", "GET .*/pulls/7")
            try await forge.comment(7, "ada", "please\n\nplumb apply")
            try await forge.awaitComment(7, "`plumb apply` is refused", "One more approval")
            try await forge.comment(7, "ada", "plumb aply")
            try await forge.awaitComment(7, "Did you mean `apply`?")
            #expect(try await Self.served(server, "192.0.2.1"))

            for number in [7, 8] { try await forge.approve(number, "ada") }
            try await forge.comment(7, "ada", "plumb apply -s zone")
            try await forge.site.wait("the apply") { try await Self.served(server, "192.0.2.2") }
            try await forge.awaitComment(7, "## Applied", "zone")
            try await forge.site.wait("the lock") {
                try await forge.ask("stacks/zone")[key: "lock"]?[key: "number"]?.json == "7"
            }
            try await forge.comment(8, "ada", "plumb apply")
            try await forge.awaitComment(8, "is locked by pull request 7", "ada")
            // Nothing is healed against it, and no commit of the base branch goes over it.
            try forge.site.write("stacks/zone/readme.yaml", "# nothing\n")
            try forge.site.repository.commit()
            try await Task.sleep(for: .seconds(3))
            #expect(try await Self.served(server, "192.0.2.2"))

            try await forge.comment(7, "bob", "plumb unlock")
            try await forge.awaitComment(7, "Unlocked: `zone`")
            try await forge.site.wait("the base branch's") { try await Self.served(server, "192.0.2.1") }
            #expect(try await forge.comments(7).count { $0.contains("plumbline: plan -->") } == 1)
            #expect(try await forge.wrongs() == [])
        }
    }

    /// Closing gives back what was applied; a stranger's pull request is planned after a maintainer's word alone.
    @Test func closingUnlocksAndStrangersWait() async throws {
        let server = try await PowerDNS.start()
        let forge = try await Self.site(server, sync: "{}", "{apply: on_comment, requirements: []}")
        try await forge.site.running {
            try await forge.site.wait("the first commit") { try await Self.served(server, "192.0.2.1") }
            try await forge.open(7, try forge.push(7, ["stacks/zone/main.yaml": Self.zone("192.0.2.2")]))
            try await forge.awaitComment(7, "192.0.2.2")
            try await forge.comment(7, "ada", "plumb apply")
            try await forge.site.wait("the apply") { try await Self.served(server, "192.0.2.2") }
            try await forge.awaitComment(7, "## Applied")
            try await forge.act("change", ["number": 7, "state": "closed"])
            try await forge.site.wait("the base branch's") { try await Self.served(server, "192.0.2.1") }
            try await forge.awaitComment(7, "It was closed. Unlocked: `zone`")

            let commit = try forge.push(9, ["stacks/zone/main.yaml": Self.zone("192.0.2.66")])
            try await forge.open(9, commit, ["fork": true, "who": "eve", "association": "NONE"])
            try await forge.awaitComment(9, "Nobody vouches")
            try await forge.comment(9, "eve", "plumb plan")
            try await forge.awaitComment(9, "`plumb plan` is refused")
            #expect(try await forge.comments(9).allSatisfy { !$0.contains("192.0.2.66") })
            try await forge.comment(9, "bob", "plumb plan")
            try await forge.awaitComment(9, "192.0.2.66")
            try await forge.comment(9, "ada", "plumb apply")
            try await forge.awaitComment(9, "stranger's")
            #expect(try await Self.served(server, "192.0.2.1"))
            #expect(try await forge.wrongs() == [])
        }
    }
}
