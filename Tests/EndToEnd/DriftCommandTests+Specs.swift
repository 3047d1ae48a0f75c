import Foundation
import Testing

/// What is written into specs, wrong rules in them, and several stacks.
extension DriftCommandTests {
    @Test func acceptWritesTheOneValueAndNothingElse() async throws {
        let stack = try await applied()
        try stack.write("out/healed", "it's theirs")
        let accepted = try await stack.plumb("drift", "accept", "local_file.healed")
        #expect(accepted.code == 0, "\(accepted.errors)")
        #expect(stack.read("main.yaml") == Self.spec.replacing("content: ours}", with: "content: \"it's theirs\"}"))
        #expect(try await look(stack).code == 0)
        try await stack.apply()
        #expect(stack.read("out/healed") == "it's theirs")
        // What comes from an expression is told, not overwritten.
        try stack.write("out/built", "theirs")
        let before = stack.read("main.yaml")
        let refused = try await stack.plumb("drift", "accept", "local_file.built")
        #expect(refused.code == 1)
        #expect(refused.words.contains("of ${local_file.healed.id}"), "\(refused.errors)")
        #expect(stack.read("main.yaml") == before)
    }

    @Test func acceptWritesTextsKeysAndWhatInstancesShare() async throws {
        let text = """
            resources:
              local_file.text:
                spec:
                  filename: out/text
                  content: |  # why
                    one
                    two

              local_file.shared:
                count: 2
                spec:
                  filename: out/shared-${count.index}
                  content: ours
              local_file.built:
                spec:
                  filename: out/built
                  content: ${local_file.text.id}
            """
        let stack = try await applied(spec: text)
        try stack.write("out/text", "one\n2")
        try await stack.shell("chmod 600 out/text out/built")
        let accepted = try await stack.plumb("drift", "accept", "local_file.text")
        #expect(accepted.code == 0, "\(accepted.errors)")
        #expect(accepted.words.contains("main.yaml (line 5)"), "\(accepted.errors)")
        let after = text.replacing(
            "|  # why\n        one\n        two\n",
            with: "|-  # why\n        one\n        2\n      file_mode: \"0600\"\n")
        #expect(stack.read("main.yaml") == after)
        // What one instance has alone is not written for both.
        try stack.write("out/shared-0", "theirs")
        let refused = try await stack.plumb("drift", "accept", "local_file.shared[0]")
        #expect(refused.code == 1)
        #expect(refused.words.contains("Make it differ by `count.index`"), "\(refused.errors)")
        try stack.write("out/shared-1", "theirs")
        #expect(try await stack.plumb("drift", "accept", "local_file.shared[0]").code == 0)
        #expect(stack.read("main.yaml") == after.replacing("content: ours", with: "content: theirs"))
        // Of two places one cannot be written: the other is named.
        try stack.write("out/built", "theirs")
        let half = try await stack.plumb("drift", "accept", "local_file.built")
        #expect(half.code == 1)
        #expect(
            half.words.contains("`plumb drift accept local_file.built file_mode` takes the other"), "\(half.errors)")
        #expect(try await stack.plumb("drift", "accept", "local_file.built", "file_mode").code == 0)
    }

    @Test func aPlanSaysWhatDiffersAndIsHeld() async throws {
        let stack = try await applied()
        try stack.write("out/healed", "theirs")
        try stack.write("out/watched", "theirs")
        #expect(try await stack.plumb("hold", "--reason", "  ").words.contains("The reason is blank"))
        #expect(try await stack.plumb("hold", "--reason", "freeze", "--until", "4h").code == 0)
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 0)
        #expect(
            plan.words.contains("No changes: 2 resources differ from the specs and are held until"), "\(plan.output)")
        #expect(!plan.words.contains("Infrastructure matches"))
        let applied = try await stack.plumb("apply", "--auto-approve")
        #expect(applied.words.contains("2 resources differ from the specs and are held"), "\(applied.output)")
        #expect(try await stack.plumb("plan", "--json").output.contains("\"plumbline_held\""))
        let list = try await stack.plumb("hold", "--list", "--json")
        #expect(list.code == 0 && list.output.contains("\"freeze\""), "\(list.output)\(list.errors)")
        #expect(try await stack.plumb("hold", "--list").words.contains("freeze"))
        #expect(try await look(stack).code == 0)
        let records = try await stack.plumb("drift", "list", "--json")
        #expect(records.output.contains("\"local_file.healed\""), "\(records.output)")
        #expect(try await stack.plumb("drift", "ack", "local_file.healed", "--reason", "").code == 1)
    }

    @Test func ignoreWritesTheRule() async throws {
        let stack = try await applied()
        try stack.write("out/watched", "theirs")
        let ignored = try await stack.plumb("drift", "ignore", "local_file.watched", "content")
        #expect(ignored.code == 0, "\(ignored.errors)")
        #expect(
            stack.read("main.yaml")
                == Self.spec.replacing(
                    "  local_file.watched:\n    spec:",
                    with: "  local_file.watched:\n    lifecycle: {ignore_changes: [content]}\n    spec:"))
        #expect(try await look(stack).code == 0)
        try await stack.expectNoChanges()
    }

    /// An edit of what an alias repeats would change others with it.
    @Test func acceptTouchesNothingThatAnAliasRepeats() async throws {
        let text = """
            resources:
              local_file.a:
                spec: &file {filename: out/a, content: ours}
              local_file.b:
                spec: {<<: *file, filename: out/b}
              local_file.c:
                spec:
                  filename: out/c
                  content: ours # alone
            """
        let stack = try await applied(spec: text)
        for name in ["a", "b", "c"] { try stack.write("out/\(name)", "theirs") }
        for name in ["a", "b"] {
            let refused = try await stack.plumb("drift", "accept", "local_file.\(name)")
            #expect(refused.code == 1)
            #expect(refused.words.contains("an alias repeats it"), "\(refused.errors)")
            #expect(stack.read("main.yaml") == text)
        }
        let accepted = try await stack.plumb("drift", "accept", "local_file.c")
        #expect(accepted.code == 0, "\(accepted.errors)")
        #expect(stack.read("main.yaml") == text.replacing("ours # alone", with: "theirs # alone"))
    }

    /// What would not load any more, or would not help, is put back as it was.
    @Test func anEditThatDoesNotHoldIsUndone() async throws {
        let text = """
            resources:
              local_file.a:
                spec: {filename: out/a, content: ours}
                lifecycle:
                  preconditions:
                    - {condition: '${filesha256("main.yaml") == local.digest}', error: the file is another}
            """
        let stack = try Stack(["main.yaml": text])
        let digest = try await stack.shell("sha256sum main.yaml | cut -d' ' -f1")
        try stack.write("words.yaml", "locals: {digest: \(digest.trimmingCharacters(in: .whitespacesAndNewlines))}\n")
        try await stack.apply()
        try stack.write("out/a", "theirs")
        for verb in ["accept", "ignore"] {
            let refused = try await stack.plumb("drift", verb, "local_file.a")
            #expect(refused.code == 1)
            #expect(refused.words.contains("the file is another"), "\(refused.errors)")
            #expect(stack.read("main.yaml") == text)
        }
    }

    @Test func aHoldOfWhatIsNotThereIsWarnedOf() async throws {
        let stack = try await applied()
        let held = try await stack.plumb("hold", "local_file.heald", "--reason", "x")
        #expect(held.code == 0)
        #expect(held.words.contains("Did you mean \"local_file.healed\"?"), "\(held.errors)")
    }

    @Test func aFolderWithoutStacksIsNotInSync() async throws {
        let stack = try await applied()
        try stack.write("empty/notes.txt", "")
        let result = try await stack.plumb("drift", "--all", "empty")
        #expect(result.code == 1)
        #expect(result.words.contains("No stacks"), "\(result.errors)")
    }

    @Test func oneBrokenStackHidesNoOther() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: root\n", "stacks/a/stack.yaml": "stack: a\n", "stacks/b/stack.yaml": "stack: b\n",
            "stacks/c/stack.yaml": "stack: c\n",
            "stacks/a/main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: x}}}\n",
            "stacks/c/main.yaml": "resources: {local_file.c: {spec: {filename: out/c, content: x}}}\n",
        ])
        for name in ["a", "b", "c"] {
            let result = try await stack.plumb("apply", "--auto-approve", "-C", "stacks/\(name)")
            #expect(result.code == 0, "\(result.errors)")
        }
        #expect(try await stack.plumb("drift", "--all", "stacks").code == 0)
        let file = try #require(stack.list("stacks/c/out").first ?? stack.list("out").first { $0 == "c" })
        let path = stack.exists("stacks/c/out/\(file)") ? "stacks/c/out/c" : "out/c"
        try stack.write(path, "theirs")
        #expect(try await stack.plumb("drift", "--all", "stacks").code == 2)
        try stack.write("stacks/b/main.yaml", "resources: {local_fil.b: {}}\n")
        let result = try await stack.plumb("drift", "--all", "stacks")
        #expect(result.code == 1)
        #expect(result.words.contains("3 stacks, 1 in sync, 1 drifted, 1 failed"), "\(result.output)")
        #expect(result.output.contains("local_file.c"))
        #expect(try await stack.plumb("drift", "--all", "nowhere").code == 1)
    }

    @Test func wrongRulesAreToldWithTheirPlaces() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nsync: {drift: {mode: heel}, gard: {}}\n",
            "main.yaml": "resources: {}\n",
        ])
        let first = try await stack.plumb("validate")
        #expect(first.words.contains("Did you mean \"heal\"?"), "\(first.errors)")
        #expect(first.words.contains("Did you mean \"guard\"?"), "\(first.errors)")
        try stack.write("stack.yaml", "stack: test\n")
        try stack.write(
            "main.yaml",
            "resources:\n  local_file.a:\n    spec: {filename: a, content: b}\n    drift: {mod: heal, paths: {contend: warn}}\n"
        )
        let second = try await stack.plumb("validate")
        #expect(second.words.contains("Did you mean \"mode\"?"), "\(second.errors)")
        #expect(second.words.contains("Did you mean \"content\"?"), "\(second.errors)")
        #expect(second.errors.contains("main.yaml:4"), "\(second.errors)")
    }
}
