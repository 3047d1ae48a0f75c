import Foundation
import Testing

/// A plan in a file is a promise: exactly that is done, or nothing.
struct SavedPlanTests {
    private static let spec = """
        resources:
          local_file.a: {spec: {filename: out/a, content: one}}
          local_file.b: {spec: {filename: out/b, content: "${local_file.a.content}!"}}
          local_file.c: {spec: {filename: out/c, content: separate}}
        """

    private func planned(_ files: [String: String] = ["main.yaml": spec]) async throws -> Stack {
        let stack = try Stack(files)
        let plan = try await stack.plumb("plan", "--out", "p.plan", "--detailed-exitcode")
        #expect(plan.code == 2, "\(plan.errors)")
        return stack
    }

    @Test func exactlyThePlanIsDone() async throws {
        let stack = try await planned()
        let applied = try await stack.plumb("apply", "p.plan")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(applied.output.contains("3 created."))
        #expect(stack.read("out/b") == "one!")
        try await stack.expectNoChanges()
    }

    @Test func itIsShownAgainAsItWas() async throws {
        let stack = try await planned()
        let fresh = try await stack.plumb("plan")
        let shown = try await stack.plumb("show", "p.plan")
        #expect(shown.code == 0)
        #expect(shown.output == fresh.output)
    }

    @Test func aChangedSpecMakesItStale() async throws {
        let stack = try await planned()
        try stack.write("main.yaml", Self.spec.replacing("one", with: "two"))
        try await expectRefused(stack, "main.yaml has changed since the plan was made")
    }

    @Test func anAddedSpecMakesItStale() async throws {
        let stack = try await planned()
        try stack.write("more.yaml", "locals: {x: 1}\n")
        try await expectRefused(stack, "more.yaml has been added since the plan was made")
    }

    @Test func aRemovedSpecMakesItStale() async throws {
        let stack = try await planned(["main.yaml": Self.spec, "more.yaml": "locals: {x: 1}\n"])
        try stack.remove("more.yaml")
        try await expectRefused(stack, "more.yaml has been removed since the plan was made")
    }

    @Test func aFileThatAnExpressionReadsMakesItStale() async throws {
        let stack = try await planned([
            "main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: '${file(\"text.txt\")}'}}}\n",
            "text.txt": "before",
        ])
        try stack.write("text.txt", "after")
        try await expectRefused(stack, "text.txt has changed since the plan was made")
    }

    @Test func aFileWhoseAbsenceWasSeenMakesItStale() async throws {
        let stack = try await planned([
            "main.yaml": """
            resources:
              local_file.a: {spec: {filename: out/a, content: '${fileexists("no/text.txt") ? "there" : "not there"}'}}
            """
        ])
        try stack.write("no/text.txt", "now it is")
        try await expectRefused(stack, "no/text.txt has been added since the plan was made")
        try FileManager.default.removeItem(atPath: stack.path("no"))
        #expect(try await stack.plumb("apply", "p.plan").code == 0)
        #expect(stack.read("out/a") == "not there")
    }

    @Test func aFileInAListedFolderMakesItStaleAndOneBesideItDoesNot() async throws {
        let spec = """
            resources:
              local_file.a: {for_each: '${fileset("parts", "*.txt")}', spec: {filename: "out/${each.key}", content: x}}
              local_file.b: {spec: {filename: out/b, content: '${join(" ", fileset(".", "*.md"))}'}}
            """
        let files = ["main.yaml": spec, "parts/one.txt": "", "parts/two.txt": "", "A.md": "", "B.md": ""]
        let stack = try await planned(files)
        try stack.write("parts/three.txt", "")
        try await expectRefused(stack, "parts/three.txt has been added since the plan was made")
        try stack.remove("parts/three.txt")
        try stack.remove("parts/two.txt")
        try await expectRefused(stack, "parts/two.txt has been removed since the plan was made")
        try stack.write("parts/two.txt", "")
        try stack.write("note", "beside")
        #expect(try await stack.plumb("apply", "p.plan").code == 0)
        #expect(stack.list("out") == ["b", "one.txt", "two.txt"])
        #expect(stack.read("out/b") == "A.md B.md")
    }

    @Test func aSecondApplicationIsRefused() async throws {
        let stack = try await planned()
        #expect(try await stack.plumb("apply", "p.plan").code == 0)
        let again = try await stack.plumb("apply", "p.plan")
        #expect(again.code == 1)
        #expect(again.errors.contains("Plan is stale"), "\(again.errors)")
    }

    @Test func aRowThatItReadMakesItStaleAndAnUnrelatedOneDoesNot() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try await stack.apply()
        let changed = Self.spec.replacing("one", with: "two")
        try stack.write("main.yaml", changed)
        let target = try await stack.plumb("plan", "--target", "local_file.b", "--out", "b.plan")
        #expect(target.code == 0, "\(target.errors)")
        // A row that the plan did not read moves, by another plan and apply.
        try stack.write("main.yaml", changed.replacing("separate", with: "together"))
        try await stack.apply("--target", "local_file.c")
        try stack.write("main.yaml", changed)
        let applied = try await stack.plumb("apply", "b.plan")
        #expect(applied.code == 0, "\(applied.output)\(applied.errors)")
        #expect(stack.read("out/b") == "two!")
        #expect(stack.read("out/c") == "together")

        // A row that it read.
        try stack.write("main.yaml", changed.replacing("two", with: "three"))
        #expect(try await stack.plumb("plan", "--target", "local_file.b", "--out", "c.plan").code == 0)
        try stack.write("main.yaml", changed.replacing("two", with: "four"))
        try await stack.apply("--target", "local_file.a")
        try stack.write("main.yaml", changed.replacing("two", with: "three"))
        let stale = try await stack.plumb("apply", "c.plan")
        #expect(stale.code == 1)
        #expect(stale.errors.contains("local_file.a"), "\(stale.errors)")
        #expect(stack.read("out/b") == "two!")
    }

    @Test(arguments: [("create", "delete"), ("one", "eno"), ("\"digest\":\"", "\"digest\":\"0")])
    func anAlteredFileIsRefused(_ from: String, _ to: String) async throws {
        let stack = try await planned()
        let text = try #require(stack.read("p.plan"))
        try #require(text.contains(from))
        try stack.write("p.plan", text.replacing(from, with: to, maxReplacements: 1))
        try await expectRefused(stack, "Plan was altered")
    }

    @Test(arguments: [0, 1, 100, 1000])
    func aCutFileIsRefused(_ length: Int) async throws {
        let stack = try await planned()
        let text = try #require(stack.read("p.plan"))
        try stack.write("p.plan", String(text.prefix(length)))
        try await expectRefused(stack, "Not a plan file")
    }

    @Test func aMissingFileIsToldWithTheWayToMakeIt() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try await expectRefused(stack, "Make one with `plumb plan --out p.plan`")
    }

    @Test func itHoldsNoSecretInClearAndStillAppliesThem() async throws {
        let canary = "canary-\(UUID().uuidString)"
        let stack = try Stack([
            "main.yaml": """
            variables: {secret: {type: string, sensitive: true}}
            resources:
              local_file.a: {spec: {filename: out/a, sensitive_content: "<${var.secret}>"}}
              local_file.b: {spec: {filename: out/b, content: "${sha256(var.secret)}"}}
            outputs: {o: {value: "${var.secret}", sensitive: true}}
            """
        ])
        let plan = try await stack.plumb("plan", "--out", "p.plan", "--var", "secret=\(canary)")
        #expect(plan.code == 0, "\(plan.errors)")
        let text = try #require(stack.read("p.plan"))
        #expect(!text.contains(canary))
        #expect(!text.contains(Data(canary.utf8).base64EncodedString()))
        let applied = try await stack.plumb("apply", "p.plan")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(stack.read("out/a") == "<\(canary)>")
        for said in [plan.output, plan.errors, applied.output, applied.errors] { #expect(!said.contains(canary)) }
    }

    @Test func optionsThatShapeAPlanAreNoOptionsOfItsApplication() async throws {
        let stack = try await planned()
        let result = try await stack.plumb("apply", "p.plan", "--target", "local_file.a")
        #expect(result.code == 1)
        #expect(result.errors.contains("A saved plan says all"))
        #expect(!stack.exists("out/a"))
    }

    private func expectRefused(_ stack: Stack, _ message: String) async throws {
        let result = try await stack.plumb("apply", "p.plan")
        #expect(result.code == 1)
        #expect(result.words.contains(message), "\(result.errors)")
        #expect(!stack.exists("out"))
    }
}
