import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// `plumb pr apply`: what was shown is done, and nothing else.
@Suite(.enabled(if: PlayedForge.isExpected)) struct PullRequestApplyTests {
    private typealias Site = PullRequestSite

    private static func site(_ forge: PlayedForge = .github) async throws -> PullRequestSite {
        let site = try await Site(Site.stack("web", "one").merging(Site.stack("old", "one")) { $1 }, at: forge)
        try await site.applyAll()
        try site.write(Site.stack("web", "two"))
        try site.repository.git("rm", "-q", "-r", "stacks/old")
        try await site.propose()
        #expect(try await site.plan("--plans", "plans").code == 0)
        return site
    }

    @Test(arguments: PlayedForge.allCases)
    func theStoredPlansAreCarriedOut(_ forge: PlayedForge) async throws {
        let site = try await Self.site(forge)
        try site.merge()
        let result = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(result.code == 0, "\(result.errors)")
        #expect(site.read("stacks/web/out/it.txt") == "two")
        #expect(site.read("stacks/old/out/it.txt") == nil)
        let comments = try await site.comments()
        #expect(comments.count == 2)
        #expect(comments.last?.contains("Applied: 2 stacks") == true)
        #expect(try await site.statuses()["plumbline/plan-apply"] == "success")
        // Once more finds nothing to do, and says it in the same place.
        let again = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output.contains("nothing to do"))
        #expect(try await site.comments().count == 2)
        #expect(try await site.wrongs() == [])
    }

    @Test func whatWouldBeAnotherPlanIsNotDoneAndTheDifferenceIsTold() async throws {
        let site = try await Self.site()
        try site.merge()
        try site.write(["stacks/web/more.yaml": "resources: {local_file.more: {spec: {filename: out/m, content: m}}}\n"]
        )
        try site.repository.commit("after the merge")
        let result = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(result.code == 1)
        #expect(result.output.contains("not applied"))
        #expect(site.read("stacks/web/out/it.txt") == "one")
        // The other stack is none of its business.
        #expect(site.read("stacks/old/out/it.txt") == nil)
        let comment = try #require(try await site.comments().last)
        #expect(comment.contains("1 more (`local_file.more`)"), "\(comment)")
        #expect(try await site.statuses()["plumbline/plan-apply/web"] == "failure")
    }

    @Test func aPlanMadeAnewThatIsTheSameIsDone() async throws {
        let site = try await Self.site()
        try site.merge()
        // A stored plan that somebody has touched is as good as none; so is one whose state has moved.
        for name in try FileManager.default.contentsOfDirectory(atPath: site.repository.path + "/plans") {
            guard name.hasSuffix(".plan") else { continue }
            let text = try #require(site.read("plans/" + name))
            try Data(text.replacing("two", with: "evil").utf8)
                .write(to: URL(filePath: site.repository.path + "/plans/" + name))
        }
        let result = try await site.plumb(["pr", "apply", "--plans", "plans", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        #expect(site.read("stacks/web/out/it.txt") == "two")
        #expect(site.read("stacks/old/out/it.txt") == nil)
    }

    @Test func aStateThatHasMovedIsPlannedAnew() async throws {
        let site = try await Self.site()
        try site.merge()
        try Data("by hand".utf8).write(to: URL(filePath: site.repository.path + "/stacks/web/out/it.txt"))
        let refreshed = try await site.plumb(
            ["apply", "--auto-approve", "--refresh-only"], in: "stacks/web", options: [])
        #expect(refreshed.code == 0, "\(refreshed.errors)")
        let result = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(result.code == 1)
        #expect(site.read("stacks/web/out/it.txt") == "by hand")
        #expect(try await site.comments().last?.contains("It differs in: 1 other than shown") == true)
    }

    @Test func withoutARecordNothingIsDoneUnseen() async throws {
        let site = try await Self.site()
        try site.merge()
        let result = try await site.plumb(["pr", "apply", "--plans", "elsewhere"])
        #expect(result.code == 1)
        #expect(result.words.contains("--auto-approve"))
        #expect(site.read("stacks/web/out/it.txt") == "one")
        let unseen = try await site.plumb(["pr", "apply", "--auto-approve"])
        #expect(unseen.code == 0, "\(unseen.errors)")
        #expect(site.read("stacks/web/out/it.txt") == "two")
        #expect(site.read("stacks/old/out/it.txt") == nil)
    }

    @Test func aStackThatIsThereAgainIsNotDestroyed() async throws {
        let site = try await Self.site()
        try site.merge()
        try site.write(["stacks/elsewhere/stack.yaml": "stack: old\n"])
        try site.repository.commit("back again")
        let result = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(result.code == 1)
        #expect(result.words.contains("Stack is there again"))
        #expect(site.read("stacks/old/out/it.txt") == "one")
        #expect(site.read("stacks/web/out/it.txt") == "two")
    }

    @Test func plansOfAnOlderCommitOrAnotherPullRequestAreRefused() async throws {
        let site = try await Self.site()
        try site.write(Site.stack("web", "three"))
        try await site.push()
        let old = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(old.code == 1)
        #expect(old.words.contains("Plans of an older commit"))
        #expect(site.read("stacks/web/out/it.txt") == "one")
    }

    @Test func plansOfAStrangerAreNeverApplied() async throws {
        let site = try await Site(Site.stack("web", "one"))
        try await site.applyAll()
        try site.write(Site.stack("web", "two"))
        try await site.propose(["fork": true, "association": "NONE"])
        #expect(try await site.plan("--plans", "plans").code == 0)
        try site.merge()
        let result = try await site.plumb(["pr", "apply", "--plans", "plans"])
        #expect(result.code == 1)
        #expect(result.words.contains("Plan of a stranger's pull request"))
        #expect(site.read("stacks/web/out/it.txt") == "one")
    }
}
