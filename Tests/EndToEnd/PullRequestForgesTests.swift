import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// The whole way of a pull request at the forges that are not GitHub, with nothing but their webhooks to wake the
/// controller: planned, refused, approved, applied by a comment, merged; closed and opened again.
@Suite(.enabled(if: PlayedForge.isExpected, "the forges' models are not installed"), .timeLimit(.minutes(4)))
struct PullRequestForgesTests {
    private static func note(_ text: String) -> [String: String] {
        ["stacks/note/main.yaml": ControllerSite.file("note", text)]
    }

    private static func site(_ kind: PlayedForge) async throws -> ForgeSite {
        try await ForgeSite(
            ["stacks/note/stack.yaml": "stack: note\n", "stacks/note/main.yaml": ControllerSite.file("note", "one")],
            "{apply: on_comment, requirements: [approved, mergeable]}", interval: "1h", at: kind)
    }

    @Test(arguments: [PlayedForge.gitlab, .gitea]) func aWholeJourney(_ kind: PlayedForge) async throws {
        let forge = try await Self.site(kind)
        try await forge.site.running {
            try await forge.site.wait("note", is: "one")
            let commit = try forge.push(7, Self.note("two"))
            try await forge.open(7, commit)
            try await forge.deliver(7, .opened, commit)
            try await forge.awaitComment(7, "two", "note")
            try await forge.site.wait("statuses") {
                try await forge.statuses(of: commit)["plumbline/plan/note"] == "success"
            }

            // Who may not; who may, but too early.
            try await forge.order(7, "eve", "plumb apply", commit)
            try await forge.awaitComment(7, "`plumb apply` is refused", "write permission")
            try await forge.order(7, "ada", "plumb apply", commit)
            try await forge.awaitComment(7, "`plumb apply` is refused", "One more approval")
            try await forge.approve(7, "ada")
            try await forge.deliver(7, .approved, commit)

            // What the forge would not merge is not applied; as long as it is still looking, it is asked again.
            try await forge.act("change", ["number": 7, "mergeable": false])
            try await forge.order(7, "ada", "plumb apply", commit)
            try await forge.awaitComment(7, "conflicts with the base branch")
            try await forge.act("change", ["number": 7, "mergeable": true, "draft": true])
            try await forge.order(7, "ada", "plumb apply", commit)
            let told = try await forge.awaitComment(7, "It is a draft")
            #expect(!told.contains("conflicts"), "\(told)")
            #expect(forge.site.content("note") == "one")
            // A forge that fails for so long that the command is read again: our own sign below it is no edit.
            try await forge.fault("502", kind == .gitlab ? "members/all/2$" : "collaborators/ada/permission$", times: 8)
            try await forge.act("change", ["number": 7, "mergeable": .null, "draft": false])
            try await forge.order(7, "ada", "plumb apply -s note", commit)
            try await forge.site.wait("note", is: "two")
            try await forge.awaitComment(7, "## Applied", "note")
            try await forge.site.wait("the lock") {
                try await forge.ask("stacks/note")[key: "lock"]?[key: "number"]?.json == "7"
            }

            try await forge.merge(7)
            try await forge.deliver(7, .merged, commit)
            try await forge.site.wait("the merge") {
                let status = try await forge.ask("stacks/note")
                let merge = try forge.site.repository.git("rev-parse", "main")
                return status[key: "applied_revision"]?.asString == merge && status[key: "lock"]?.asMap == nil
            }
            #expect(forge.site.content("note") == "two")
            #expect(try await forge.comments(7).count { $0.contains("plumbline: plan -->") } == 1)
            #expect(try await forge.wrongs() == [])
        }
    }

    /// What was approved before a pull request was closed says nothing of what is planned once it is open again.
    @Test(arguments: [PlayedForge.gitlab, .gitea]) func closingEndsWhatWasSaid(_ kind: PlayedForge) async throws {
        let forge = try await Self.site(kind)
        try await forge.site.running {
            try await forge.site.wait("note", is: "one")
            let commit = try forge.push(8, Self.note("three"))
            try await forge.open(8, commit)
            try await forge.deliver(8, .opened, commit)
            try await forge.awaitComment(8, "three")
            try await forge.approve(8, "ada")
            try await forge.deliver(8, .approved, commit)
            try await forge.order(8, "ada", "plumb apply", commit)
            try await forge.site.wait("note", is: "three")
            try await forge.awaitComment(8, "## Applied")
            try await forge.act("change", ["number": 8, "state": "closed"])
            try await forge.deliver(8, .closed, commit)
            try await forge.awaitComment(8, "It was closed. Unlocked: `note`")
            try await forge.site.wait("note", is: "one")

            try await forge.act("change", ["number": 8, "state": "open"])
            try await forge.deliver(8, .reopened, commit)
            try await forge.site.wait("the new plan") {
                try await forge.statuses(of: commit)["plumbline/plan"] == "success"
            }
            // Not before it listens again: what was said until then is not for it.
            try await forge.site.wait("the controller's attention") {
                try await forge.order(8, "bob", "plumb help", commit)
                return try await forge.comments(8).contains { $0.contains("Shows this.") }
            }
            try await forge.order(8, "ada", "plumb apply", commit)
            try await forge.awaitComment(8, "`plumb apply` is refused", "`ada` has approved was no plan of it")
            #expect(forge.site.content("note") == "one")
            try await forge.approve(8, "ada")
            try await forge.order(8, "ada", "plumb apply", commit)
            try await forge.site.wait("note", is: "three")
            #expect(try await forge.wrongs() == [])
        }
    }

    /// Who may is told by teams; what was edited, or said before the plan was shown, orders nothing; and a stack that a pull
    /// request has is given back when nobody follows pull requests any more.
    @Test func whatIsNoOrder() async throws {
        let settings = { (team: String) in "{apply: on_comment, requirements: [], allow: [acme/\(team)]}" }
        let team = "team-\(UInt32.random(in: 0...UInt32.max))"
        let forge = try await ForgeSite(
            ["stacks/note/stack.yaml": "stack: note\n", "stacks/note/main.yaml": ControllerSite.file("note", "one")],
            settings(team))
        try await forge.site.running {
            try await forge.site.wait("note", is: "one")
            try await forge.open(7, try forge.push(7, Self.note("two")))
            try await forge.awaitComment(7, "two")
            // A team that is not there lets nobody in, and says so.
            try await forge.comment(7, "ada", "plumb apply")
            try await forge.awaitComment(7, "Only those whom", "cannot be told", "404")
            try await forge.act("team", ["name": .string("acme/\(team)"), "members": ["ada"]])
            try await forge.comment(7, "bob", "plumb apply")
            try await forge.site.wait("bob's refusal") {
                try await forge.comments(7).count { $0.contains("Only those whom") } == 2
            }

            // Something harmless that becomes an order before it is read.
            try await forge.comment(7, "ada", "looks good", edited: "plumb apply")
            try await forge.awaitComment(7, "The comment was edited")
            // Together with a push: the plan that it would have applied nobody had seen.
            try await forge.act("push", ["number": 7, "commit": .string(try forge.push(7, Self.note("three")))])
            try await forge.comment(7, "ada", "plumb apply")
            try await forge.awaitComment(7, "It was written before the plan of")
            #expect(forge.site.content("note") == "one")

            try await forge.comment(7, "ada", "plumb apply")
            try await forge.site.wait("note", is: "three")
            try await forge.awaitComment(7, "## Applied")
            // From then on nobody would look at it by himself for ten minutes.
            try await forge.site.wait("the halt") {
                try await forge.ask("stacks/note")[key: "phase"]?.asString == "halted"
            }
        }
        try forge.configure(nil)
        try await forge.site.running {
            try await forge.site.wait("note", is: "one")
            try await forge.site.wait("the lock's end") {
                try await forge.ask("stacks/note")[key: "lock"]?.asMap == nil
            }
        }
        #expect(try await forge.wrongs() == [])
    }
}
