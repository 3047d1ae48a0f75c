import Foundation
import GitFixtures
import PlumbModel
import Testing

/// Pull requests from forks, planned by the real binary: what the comment says, and what it does not.
struct PullRequestStrangerTests {
    private static let environment = ["PLUMB_VAR_secret": "canary-variable", "TOKEN": "canary-token"]

    private func site() async throws -> PullRequestSite {
        let main = """
            variables: {secret: {type: string, sensitive: true}}
            resources:
              local_file.it: {spec: {filename: out/it.txt, sensitive_content: '${var.secret}'}}
              local_file.open: {spec: {filename: out/open.txt, content: one}}
            """
        let site = try await PullRequestSite([
            "stacks/web/stack.yaml": """
            stack: web
            policies: {few: {deny: '${length(plan.resource_changes) > 90}', message: 'Too many.'}}
            """,
            "stacks/web/main.yaml": main,
        ])
        try site.repository.git("checkout", "-q", "main")
        let applied = try await site.plumb(
            ["apply", "--auto-approve"], in: "stacks/web", environment: Self.environment, options: [])
        #expect(applied.code == 0, "\(applied.errors)")
        try site.repository.git("checkout", "-q", "change")
        return site
    }

    /// Plans as CI would on a pull request from a fork.
    private func plan(_ site: PullRequestSite) async throws -> (said: String, result: ChildProcess.Result) {
        try await site.propose(["fork": true])
        let result = try await site.plumb(
            ["pr", "plan", "--json", "--plans", "plans"], environment: Self.environment)
        let comments = try await site.comments()
        #expect(comments.count == 1)
        return (result.output + result.errors + comments.joined(), result)
    }

    @Test func aForksPlanShowsWhatItWouldDo() async throws {
        let site = try await site()
        try site.write([
            "stacks/web/more.yaml": """
            resources:
              local_file.new: {spec: {filename: out/new.txt, content: "${nonsensitive(local_file.it.sensitive_content)}"}}
              command.run: {spec: {create: [touch, ran]}}
            outputs:
              leak: {value: "${nonsensitive(var.secret)} @octocat <img src=x> ```"}
              fence: {value: "\\n```\\n</details> @octocat <script>"}
            """
        ])
        let (said, result) = try await plan(site)
        #expect(result.code == 0, "\(result.errors)")
        #expect(said.contains("local_file.new"))
        #expect(said.contains("Planned for a stranger"))
        #expect(!said.contains("canary"), "\(said)")
        let comment = try await site.comments().joined()
        // Within the fence it is text; the fence is longer than any that it holds.
        let outside = comment.components(separatedBy: "````").enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        #expect(comment.contains("<script>") && outside.count > 1, "\(comment)")
        #expect(!outside.joined().contains("<script>") && !outside.joined().contains("@octocat"), "\(comment)")
        #expect(site.read("stacks/web/ran") == nil)
        // The plan is not kept, and so nobody applies it.
        let kept = (try? FileManager.default.contentsOfDirectory(atPath: site.repository.path + "/plans")) ?? []
        #expect(!kept.contains { $0.hasSuffix(".plan") }, "\(kept)")
    }

    @Test(arguments: [
        (["stacks/web/stack.yaml": "stack: other\n"], "Stack has another name"),
        (["stacks/web/more.yaml": "outputs: {x: {value: '${file(\"/etc/passwd\")}'}}\n"], "leads out of the stack"),
        (
            ["stacks/web/more.yaml": "modules: {m: {source: 'git::http://127.0.0.1:1/x.git?ref=main'}}\n"],
            "Module of another repository"
        ),
        (
            [
                "stacks/web/more.yaml":
                    "import: [{to: local_file.i, id: /etc/passwd}]\nresources: {local_file.i: {spec: {filename: i}}}\n"
            ], "Not imported for a stranger"
        ),
        (
            ["stacks/web/more.yaml": "resources: {local_file.x: {count: 900000, spec: {filename: x}}}\n"],
            "Specs of a stranger cost too much"
        ),
    ])
    func whatAForkMustNotDoIsSaid(_ files: [String: String], _ words: String) async throws {
        let site = try await site()
        try site.write(files)
        let (said, result) = try await plan(site)
        #expect(result.code == 1, "\(said)")
        let plain = said.replacing("\\", with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(plain.contains(words), "\(said)")
        #expect(!said.contains("canary") && !said.contains("root:x"))
    }

    /// A policy that the pull request removes still judges.
    @Test func aForkCannotRemoveAPolicy() async throws {
        let site = try await site()
        try site.write([
            "stacks/web/stack.yaml": "stack: web\n",
            "stacks/web/more.yaml":
                "resources: {local_file.x: {count: 100, spec: {filename: 'out/${count.index}', content: x}}}\n",
        ])
        let (said, result) = try await plan(site)
        #expect(result.code == 1)
        #expect(said.contains("Too many"), "\(said)")
    }

    @Test func aStackThatAForkMovesIsToldToBePlannedAsNew() async throws {
        let site = try await site()
        try site.repository.git("mv", "stacks/web", "stacks/moved")
        let (said, result) = try await plan(site)
        #expect(result.code == 0, "\(said)")
        #expect(said.contains("Stack is moved") && said.contains("planned as if it were new"), "\(said)")
    }

    /// In bounded memory: what fills it otherwise ends with an error before.
    @Test func aForkCannotFillTheMemory() async throws {
        let site = try await site()
        let loops = (0..<200).map { "  l\($0): '${[for i in range(1000) : setproduct(range(700), range(700))]}'" }
        try site.write(["stacks/web/more.yaml": "locals:\n" + loops.joined(separator: "\n") + "\n"])
        let (said, result) = try await plan(site)
        #expect(result.code == 1)
        #expect(said.contains("cost too much"), "\(said)")
    }
}
