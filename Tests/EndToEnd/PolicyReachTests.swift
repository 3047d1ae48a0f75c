import Foundation
import PlumbModel
import Testing

/// Policies judge whatever is about to change something: heals, rollbacks, destructions, tests.
@Suite struct PolicyReachTests {
    private static let files = """
        resources:
          local_file.a: {spec: {filename: out/a, content: one}}

        """

    private static func policy(_ effect: String) -> String {
        "stack: test\nsync: {drift: {mode: heal}}\npolicies: {still: {\(effect): "
            + "'${length(plan.resource_changes) > 0}', message: Leave it.}}\n"
    }

    /// A stack that was applied before there was a policy.
    private static func applied(_ more: [String: String] = [:]) async throws -> Stack {
        let stack = try Stack(
            ["stack.yaml": "stack: test\nsync: {drift: {mode: heal}}\n", "main.yaml": files].merging(more) { $1 })
        try await stack.apply()
        return stack
    }

    @Test func aHealIsDenied() async throws {
        let stack = try await Self.applied()
        try stack.write("stack.yaml", Self.policy("deny"))
        try stack.write("out/a", "by hand")
        let healed = try await stack.plumb("drift", "--heal")
        #expect(healed.code == 1, "\(healed.output)")
        #expect(healed.words.contains("x denied still: Leave it."), "\(healed.output)")
        #expect(healed.words.contains("Plan is denied by a policy"), "\(healed.errors)")
        #expect(stack.read("out/a") == "by hand")
        let json = try Value(json: try await stack.plumb("drift", "--heal", "--json").output)
        let policy = json[key: "stacks"]?.asList?.first?[key: "policies"]?.asList?.first
        #expect(policy?[key: "name"]?.asString == "still" && policy?[key: "refuses"]?.asBool == true, "\(json.json)")
        let markdown = try await stack.plumb("drift", "--heal", "--markdown")
        #expect(markdown.output.contains("denied  still: Leave it."), "\(markdown.output)")
        // Who only looks is told of the drift, and of no policy.
        let seen = try await stack.plumb("drift")
        #expect(seen.code == 2 && !seen.output.contains("still"), "\(seen.output)")
    }

    @Test func aHealThatIsWarnedOfIsDoneAndTold() async throws {
        let stack = try await Self.applied()
        try stack.write("stack.yaml", Self.policy("warn"))
        try stack.write("out/a", "by hand")
        let healed = try await stack.plumb("drift", "--heal")
        #expect(healed.code == 0, "\(healed.errors)")
        #expect(healed.words.contains("! warning still: Leave it."), "\(healed.output)")
        #expect(stack.read("out/a") == "one")
    }

    @Test func aRollbackIsDenied() async throws {
        let stack = try await Self.applied()
        try stack.write("main.yaml", Self.files.replacing("one", with: "two"))
        try await stack.apply()
        try stack.write("stack.yaml", Self.policy("deny"))
        for words in [["rollback"], ["state", "rollback", "1"]] {
            let planned = try await ProcessGate.shared.pass { await (try stack.start(words + ["--plan"])).result() }
            #expect(planned.code == 1, "\(planned.output)")
            #expect(planned.words.contains("denied still: Leave it."), "\(planned.output)\(planned.errors)")
            let done = try await ProcessGate.shared.pass {
                await (try stack.start(words + ["--auto-approve"])).result()
            }
            #expect(done.code == 1 && done.words.contains("Plan is denied by a policy"), "\(done.errors)")
        }
        #expect(stack.read("out/a") == "two")
    }

    @Test func aDestructionIsDenied() async throws {
        let stack = try await Self.applied()
        try stack.write("stack.yaml", Self.policy("deny"))
        let destroyed = try await stack.plumb("destroy", "--auto-approve")
        #expect(destroyed.code == 1 && destroyed.words.contains("denied still: Leave it."), "\(destroyed.output)")
        #expect(stack.read("out/a") == "one")
    }

    @Test func theRunsOfTestsAreJudged() async throws {
        let test = "runs: [{name: plans, command: plan}, {name: applies}]\n"
        let stack = try Stack(["stack.yaml": Self.policy("deny"), "main.yaml": Self.files, "a.test.yaml": test])
        let denied = try await stack.plumb("test")
        #expect(denied.code == 1, "\(denied.output)")
        #expect(denied.words.contains("The policy \"still\" denies this plan. It says: Leave it."), "\(denied.output)")
        #expect(stack.list("out").isEmpty)
        try stack.write("stack.yaml", Self.policy("warn"))
        let warned = try await stack.plumb("test")
        #expect(warned.code == 0, "\(warned.output)")
        #expect(warned.words.contains("The policy \"still\" has something to say of this plan: Leave it."))
        let lines = try await stack.plumb("test", "--json")
        #expect(lines.output.contains("Policy warns"), "\(lines.output)")
    }

    @Test func theNewestApplyIsUndoneAndNotTwice() async throws {
        let stack = try await Self.applied()
        try stack.write("main.yaml", Self.files.replacing("one", with: "two"))
        try await stack.apply()
        let back = try await stack.plumb("rollback", "--auto-approve")
        #expect(back.code == 0, "\(back.errors)")
        #expect(back.words.contains("before the run"), "\(back.errors)")
        #expect(stack.read("out/a") == "one")
        let again = try await stack.plumb("rollback", "--auto-approve")
        #expect(again.code == 1 && again.words.contains("The newest run was a rollback"), "\(again.errors)")
        #expect(stack.read("out/a") == "one")
        let empty = try Stack(["main.yaml": Self.files])
        #expect(try await empty.plumb("rollback").code == 1)
    }

    @Test(arguments: [
        (["rollback", "shop"], "--controller URL"), (["rollback", "--reason", "x"], "goes with --controller"),
        (["rollback", "--controller", "https://x.example", "--reason", "x"], "Name the stack"),
        (["rollback", "shop", "--controller", "https://x.example"], "Say why with --reason"),
        (["rollback", "shop", "--controller", "https://x.example", "--reason", "x"], "PLUMB_CONTROLLER_TOKEN"),
    ])
    func whatIsMissingForARollbackIsSaid(_ words: [String], _ text: String) async throws {
        let stack = try Stack()
        let result = try await ProcessGate.shared.pass { await (try stack.start(words)).result() }
        #expect(result.code == 1 && result.words.contains(text), "\(result.errors)")
    }
}
