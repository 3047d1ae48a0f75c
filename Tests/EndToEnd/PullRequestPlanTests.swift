import Foundation
import GitFixtures
import PlumbModel
import Testing
import ThrowawayServers

/// `plumb pr plan`: a real repository, the real binary, and a forge that holds every request against its description.
@Suite(.enabled(if: PlayedForge.isExpected)) struct PullRequestPlanTests {
    private typealias Site = PullRequestSite

    private static func stacks(_ all: [String: String]...) -> [String: String] {
        all.reduce(into: [:]) { $0.merge($1) { $1 } }
    }

    @Test(arguments: PlayedForge.allCases)
    func newChangedMovedAndRemovedStacksAreShownAndNoOthers(_ forge: PlayedForge) async throws {
        let site = try await Site(
            Self.stacks(
                Site.stack("web", "one"), Site.stack("dns", "one"), Site.stack("old", "one"), Site.stack("mail", "one")),
            at: forge)
        try await site.applyAll()
        try site.write(Self.stacks(Site.stack("web", "two"), Site.stack("new", "one")))
        try site.repository.git("rm", "-q", "-r", "stacks/old")
        try site.repository.git("mv", "stacks/mail", "stacks/post")
        try site.write(["README.md": "nothing that a stack reads\n"])
        let head = try await site.propose()
        let (code, stacks, result) = try await site.plan("--labels")
        #expect(code == 0, "\(result.errors)")
        #expect(
            stacks == ["new added changes", "old removed changes", "mail present unchanged", "web present changes"])
        let comment = try #require(try await site.comments().first)
        #expect(comment.contains("4 stacks: 1 to destroy, 1 to change, 1 to create"), "\(comment)")
        #expect(comment.contains(head))
        #expect(comment.contains("<code>old</code>: removed stack; 1 to destroy"))
        #expect(!comment.contains("dns"))
        let statuses = try await site.statuses()
        #expect(statuses.keys.sorted() == ["", "/mail", "/new", "/old", "/web"].map { "plumbline/plan" + $0 })
        #expect(Set(statuses.values) == ["success"])
        // A second look at the same push has nothing to add.
        let written = try await site.writes().count
        #expect(try await site.plan("--labels").code == 0)
        let pending = try await site.writes().dropFirst(written)
        #expect(pending.allSatisfy { $0.contains("status") }, "\(pending)")
        #expect(try await site.comments() == [comment])
        #expect(try await site.wrongs() == [])
    }

    @Test func whoReadsWhatHasChangedIsAffected() async throws {
        let module = """
            variables: {name: {type: string}}
            resources:
              local_file.it:
                spec: {filename: 'out/${var.name}.txt', content: 'one ${var.name}'}
            """
        func user(_ name: String) -> [String: String] {
            [
                "stacks/\(name)/stack.yaml": "stack: \(name)\n",
                "stacks/\(name)/main.yaml": "modules: {net: {source: ../../modules/net, inputs: {name: \(name)}}}\n",
            ]
        }
        let site = try await Site(
            Self.stacks(
                user("a"), user("b"), Site.stack("plain", "one"),
                Site.stack("motd", "${templatefile(\"motd.tmpl\", {who: \"us\"})}"),
                [
                    "modules/net/main.yaml": module, "stacks/motd/motd.tmpl": "Hello ${who}",
                    "stacks/motd/docs/notes.txt": "x",
                ]))
        try site.write(["modules/net/main.yaml": module.replacing("one", with: "two")])
        try await site.propose()
        #expect(try await site.plan().stacks == ["a present changes", "b present changes"])
        try site.write(["modules/net/main.yaml": module, "stacks/motd/motd.tmpl": "Bye ${who}"])
        try await site.push()
        let (_, stacks, result) = try await site.plan()
        #expect(stacks == ["motd present changes"], "\(result.errors)")
        // What nothing reads affects nobody, though it lies in a stack's folder.
        try site.write(["stacks/motd/motd.tmpl": "Hello ${who}", "stacks/motd/docs/notes.txt": "y"])
        try await site.push()
        #expect(try await site.plan().stacks == [])
        #expect(try await site.comments().first?.contains("No stack is affected") == true)
        #expect(try await site.statuses()["plumbline/plan"] == "success")
        #expect(try await site.plan("--stack", "pl*").stacks == ["plain present changes"])
        #expect(try await site.plan("--all").stacks.count == 4)
    }

    @Test func stacksThatComeAfterOneWhoseOutputsChangeAreShownToo() async throws {
        let outputs = "outputs: {it: {value: '${local_file.it.content}'}}\n"
        var files = Self.stacks(
            Site.stack("net", "one"), Site.stack("web", "one", more: "sync: {after: [net]}\n"),
            Site.stack("shop", "one", more: "sync: {after: [web]}\n"), Site.stack("alone", "one"))
        files["stacks/net/outputs.yaml"] = outputs
        let site = try await Site(files)
        try await site.applyAll()
        try site.write(Site.stack("net", "two"))
        try await site.propose()
        let (code, stacks, result) = try await site.plan()
        #expect(code == 0, "\(result.errors)")
        #expect(stacks == ["net present changes", "shop present unchanged", "web present unchanged"])
        #expect(try await site.comments().first?.contains("2 stacks without changes: `shop`, `web`") == true)
    }

    @Test func aBrokenStackSaysWhyAndStopsNoOther() async throws {
        let broken = ["stacks/bad/stack.yaml": "stack: bad\n", "stacks/bad/main.yaml": "resources: [\n"]
        let site = try await Site(
            Self.stacks(
                Site.stack("web", "one"),
                // Long broken, which is no business of this pull request.
                ["stacks/rot/stack.yaml": "stack: rot\n", "stacks/rot/main.yaml": "resources: {nonsense: {}}\n"]))
        try site.write(Self.stacks(Site.stack("web", "two"), broken))
        try await site.propose()
        let (code, stacks, result) = try await site.plan()
        #expect(code == 1)
        #expect(stacks == ["bad added failed", "web present changes"])
        #expect(result.errors.contains("main.yaml:"))
        let comment = try #require(try await site.comments().first)
        #expect(comment.contains("Cannot be applied as it is"))
        #expect(comment.contains("main.yaml:"))
        let statuses = try await site.statuses()
        #expect(statuses["plumbline/plan/bad"] == "error")
        #expect(statuses["plumbline/plan/web"] == "success")
        #expect(statuses["plumbline/plan"] == "error")
    }

    @Test func aNewPushTellsWhatIsOtherThanBefore() async throws {
        let site = try await Site(
            Self.stacks(Site.stack("a", "one"), Site.stack("b", "one"), Site.stack("c", "one")))
        try site.write(Self.stacks(Site.stack("a", "two"), Site.stack("b", "two"), Site.stack("c", "two")))
        try await site.propose()
        #expect(try await site.plan("--plans", "plans").code == 0)
        try site.write(Self.stacks(Site.stack("a", "three"), Site.stack("c", "one")))
        try await site.push()
        #expect(try await site.plan("--plans", "plans").code == 0)
        let comments = try await site.comments()
        #expect(comments.count == 1)
        let comment = try #require(comments.first)
        #expect(
            comment.contains("1 stack plans something else; 1 plans the same; no longer affected: `c`"), "\(comment)")
        #expect(comment.contains("1 other than before (`local_file.it`)"))
        // Looked at again, it says the same.
        #expect(try await site.plan("--plans", "plans").code == 0)
        #expect(try await site.comments() == [comment])
    }

    @Test func whateverGoesWrongThereIsOneComment() async throws {
        let site = try await Site(Site.stack("web", "one"))
        try site.write(Site.stack("web", "two"))
        try await site.propose()
        try await site.fault("502", "comments", times: 2)
        try await site.fault("502-after", "POST .*comments")
        try await withThrowingTaskGroup(of: Int32?.self) { group in
            for _ in 0..<3 { group.addTask { try await site.plan().code } }
            for try await code in group { #expect(code == 0) }
        }
        #expect(try await site.comments().count == 1)
        // A user deletes it: it is written anew, also where that happens at that very moment.
        for id in try await site.tell("show").asMap?["comments"]?.asList?.compactMap({ $0.asMap?["id"] }) ?? [] {
            try await site.tell("delete", ["id": id])
        }
        #expect(try await site.plan().code == 0)
        #expect(try await site.comments().count == 1)
        try site.write(Site.stack("web", "three"))
        try await site.push()
        try await site.fault("deleted", "PATCH .*comments")
        #expect(try await site.plan().code == 0)
        let comments = try await site.comments()
        #expect(comments.count == 1)
        #expect(comments.first?.contains("three") == true)
    }

    @Test func whatIsNotTheNewestCommitIsNotPosted() async throws {
        let site = try await Site(Site.stack("web", "one"))
        try site.write(Site.stack("web", "two"))
        let old = try await site.propose()
        try site.write(Site.stack("web", "three"))
        try await site.push()
        let (code, _, result) = try await site.plan("--head", old)
        #expect(code == 0)
        #expect(result.words.contains("has a newer commit by now"))
        #expect(try await site.comments().isEmpty)
    }

    @Test func aDryRunWritesNothing() async throws {
        let site = try await Site(Site.stack("web", "one"))
        try site.write(Site.stack("web", "two"))
        try await site.propose()
        let result = try await site.plumb(["pr", "plan", "--dry-run", "--detailed-exitcode"])
        #expect(result.code == 2, "\(result.errors)")
        #expect(result.output.contains("comment on #7"))
        #expect(result.output.contains("1 stack: 1 to create"))
        #expect(try await site.writes().isEmpty)
    }

    @Test func aRenamedStackAndABaseThatHasMovedOnAreWarnedOf() async throws {
        let site = try await Site(Self.stacks(Site.stack("web", "one"), Site.stack("dns", "one")))
        try site.write(["stacks/web/stack.yaml": "stack: site\n"])
        try site.write(Site.stack("dns", "two"))
        try await site.propose()
        try site.repository.git("checkout", "-q", "main")
        try site.write(["stacks/dns/more.yaml": "outputs: {x: {value: 1}}\n"])
        try site.repository.commit("meanwhile")
        try site.repository.git("checkout", "-q", "change")
        let (code, stacks, result) = try await site.plan("--base", "main")
        #expect(code == 0)
        #expect(stacks == ["dns present changes", "site present changes"])
        #expect(result.errors.contains("Stack is renamed"))
        #expect(result.errors.contains("Base branch has moved on"))
        #expect(try await site.comments().first?.contains("Base branch has moved on") == true)
    }

    @Test func manyStacksOfOneNameAreCountedAndNotAllNamed() async throws {
        let site = try await PullRequestSite(["readme": "x"])
        for number in 1...6 { try site.write(["stacks/s\(number)/stack.yaml": "stack: same\n"]) }
        try await site.propose()
        _ = try await site.plan()
        let comment = try await site.comments().joined().replacing("\\", with: "")
        #expect(comment.contains("In stacks/s2, stacks/s3, stacks/s4 and 2 more there is a stack"), "\(comment)")
    }

    @Test func whatIsMissingIsSaid() async throws {
        let site = try await Site(Site.stack("web", "one"))
        try site.write(Site.stack("web", "two"))
        try await site.propose()
        let none = try await site.plumb(["pr", "plan"], options: [])
        #expect(none.code == 1)
        #expect(none.words.contains("give --forge, --repository, --number"))
        let token = try await site.plumb(["pr", "plan"], environment: ["PLUMB_FORGE_TOKEN": ""])
        #expect(token.code == 1)
        #expect(token.words.contains("PLUMB_FORGE_TOKEN, GITHUB_TOKEN"))
        try site.write(Site.stack("web", "three"))
        try await site.push()
        let shallow = try TemporaryRepository()
        try shallow.git(
            "fetch", "-q", "--depth", "1", "file://" + site.repository.path, "change:change",
            "main:refs/remotes/origin/main")
        try shallow.git("checkout", "-q", "change")
        let result = try await site.plumb(["-C", shallow.path, "pr", "plan"])
        #expect(result.code == 1)
        #expect(result.words.contains("fetch-depth: 0"), "\(result.words)")
    }
}
