import Foundation
import Testing

/// Renames, removals and imports, with the real binary on files.
struct RefactoringTests {
    @Test func aRenameMovesTheRowAndTouchesNothing() async throws {
        let stack = try Stack(["main.yaml": "resources: {local_file.a: {spec: {filename: out/a, content: x}}}\n"])
        try await stack.apply()
        let before = try await stack.shell("stat -c '%i %Y' out/a")
        try stack.write(
            "main.yaml",
            """
            resources: {local_file.b: {spec: {filename: out/a, content: x}}}
            moved: [{from: local_file.a, to: local_file.b}]
            """)
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 2)
        #expect(plan.words.contains("local_file.a has moved to local_file.b main.yaml:2"), "\(plan.output)")
        #expect(plan.words.contains("0 to create, 0 to change, 0 to replace, 0 to destroy, 1 to move."))
        let applied = try await stack.apply()
        #expect(applied.words.contains("1 moved."), "\(applied.output)")
        #expect(try await stack.recorded() == ["local_file.b"])
        #expect(try await stack.shell("stat -c '%i %Y' out/a") == before)
        let history = try await stack.plumb("state", "history", "local_file.b")
        #expect(history.words.contains("moved from local_file.a"), "\(history.output)")
        try await stack.expectNoChanges()
    }

    @Test func withoutAStatementTheRenameIsProposedAndThePasteWorks() async throws {
        func spec(_ name: String, _ each: String) -> String {
            "resources:\n  random_uuid.\(name): {\(each)}\noutputs: {all: {value: \"${jsonencode(random_uuid.\(name))}\"}}\n"
        }
        let stack = try Stack(["main.yaml": spec("a", "")])
        try await stack.apply()
        try stack.write("main.yaml", spec("b", ""))
        let plan = try await stack.plumb("plan")
        #expect(plan.words.contains("warning: Looks like a move"), "\(plan.errors)")
        let lines = plan.errors.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex { $0.trimmingCharacters(in: .whitespaces) == "moved:" })
        let pasted = lines[start...].prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
        try stack.write("moved.yaml", pasted + "\n")
        let applied = try await stack.apply()
        #expect(applied.words.contains("1 moved."), "\(applied.output)\(applied.errors)")
        try await stack.expectNoChanges()
    }

    static let faults = [
        "before-addresses:1", "after-addresses:1", "before-intent:1", "after-call:1", "after-result:1",
    ]

    /// Killed before, between and after: the next apply ends with the same rows and files, nothing made again.
    @Test(arguments: faults)
    func aMoveThatIsKilledIsGoneOnWith(_ fault: String) async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              local_file.a: {count: 3, spec: {filename: "out/${count.index}", content: one}}
              local_file.user: {spec: {filename: out/user, content: "${local_file.a[0].content}"}}
            """
        ])
        try await stack.apply()
        let inodes = try await stack.shell("stat -c %i out/1 out/2")
        try stack.write(
            "main.yaml",
            """
            resources:
              local_file.b:
                for_each: {x: 0, y: 1, z: 2}
                spec: {filename: "out/${each.value}", content: '${each.key == "x" ? "two" : "one"}'}
              local_file.user: {spec: {filename: out/user, content: '${local_file.b["x"].content}'}}
            moved:
              - {from: local_file.a, to: local_file.c}
              - {from: 'local_file.c[0]', to: 'local_file.b["x"]'}
              - {from: 'local_file.c[1]', to: 'local_file.b["y"]'}
              - {from: 'local_file.c[2]', to: 'local_file.b["z"]'}
            """)
        let killed = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": fault])
        try #require(killed.signal == SIGKILL, "it was not killed: \(killed.output)\(killed.errors)")
        try await stack.apply()
        #expect(
            try await stack.recorded() == [
                "local_file.b[\"x\"]", "local_file.b[\"y\"]", "local_file.b[\"z\"]", "local_file.user",
            ])
        #expect(stack.read("out/0") == "two" && stack.read("out/user") == "two")
        #expect(try await stack.shell("stat -c %i out/1 out/2") == inodes)
        try await stack.expectNoChanges()
    }

    @Test func aSavedPlanCarriesMovesImportsAndRemovals() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              local_file.a: {spec: {filename: out/a, content: x}}
              local_file.gone: {spec: {filename: out/gone, content: x}}
            """
        ])
        try await stack.apply()
        try stack.write("out/there", "old")
        try stack.write(
            "main.yaml",
            """
            resources:
              local_file.b: {spec: {filename: out/a, content: x}}
              local_file.there: {spec: {filename: out/there, content: new}}
            moved: [{from: local_file.a, to: local_file.b}]
            removed: [{from: local_file.gone, destroy: false}]
            import: [{to: local_file.there, id: out/there}]
            """)
        let plan = try await stack.plumb("plan", "--out", "p")
        #expect(
            plan.words.contains(
                "Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy, 1 to forget, 1 to import, 1 to move."),
            "\(plan.output)")
        let applied = try await stack.plumb("apply", "p")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(applied.words.contains("1 changed, 1 forgotten, 1 imported, 1 moved."), "\(applied.output)")
        #expect(stack.list("out") == ["a", "gone", "there"] && stack.read("out/there") == "new")
        #expect(try await stack.recorded() == ["local_file.b", "local_file.there"])
        try await stack.expectNoChanges()
    }

    // MARK: - By hand

    @Test func theCommandWritesTheSpecOfWhatItImports() async throws {
        let stack = try Stack(["note.txt": "first line\n  ${second} %{line}\n", "odd.txt": "no: end \u{1}"])
        let printed = try await stack.plumb("import", "local_file.note", "note.txt")
        #expect(printed.code == 0, "\(printed.errors)")
        try stack.write("note.yaml", printed.output)
        let written = try await stack.plumb("import", "local_file.odd", "odd.txt", "--out", stack.path("odd.yaml"))
        #expect(written.code == 0, "\(written.errors)")
        try await stack.expectNoChanges()
        let again = try await stack.plumb("import", "local_file.note", "note.txt")
        #expect(again.code == 1 && again.errors.contains("Already managed"))
        let over = try await stack.plumb("import", "local_file.x", "note.txt", "--out", stack.path("odd.yaml"))
        #expect(over.code == 1 && over.errors.contains("File exists"))
        let missing = try await stack.plumb("import", "local_file.x", "nothing.txt")
        #expect(missing.code == 1 && missing.errors.contains("Nothing to import"))
        #expect(try await stack.recorded() == ["local_file.note", "local_file.odd"])
    }

    @Test func importedSecretsAreNotShown() async throws {
        let stack = try Stack()
        let result = try await stack.plumb("import", "random_password.p", "hush-hush-hush")
        #expect(result.code == 0, "\(result.errors)")
        #expect(!result.output.contains("hush") && !result.errors.contains("hush"))
        try stack.write("main.yaml", result.output)
        try await stack.expectNoChanges()
    }

    @Test func theStateIsMendedByHand() async throws {
        let stack = try Stack([
            "main.yaml": """
            resources:
              local_file.a: {count: 2, spec: {filename: "out/${count.index}", content: x}}
              local_file.user: {spec: {filename: out/user, content: "${local_file.a[0].content}"}}
            """
        ])
        try await stack.apply()
        let moved = try await stack.plumb("state", "mv", "local_file.a", "local_file.b")
        #expect(moved.output == "local_file.a[0] is now local_file.b[0]\nlocal_file.a[1] is now local_file.b[1]\n")
        let shown = try await stack.plumb("state", "show", "local_file.user")
        #expect(shown.words.contains("depends on: local_file.b[0]"), "\(shown.output)")
        let taken = try await stack.plumb("state", "mv", "local_file.b[0]", "local_file.b[1]")
        #expect(taken.code == 1 && taken.errors.contains("Address is taken"))
        let other = try await stack.plumb("state", "mv", "local_file.b[0]", "random_uuid.b")
        #expect(other.code == 1 && other.errors.contains("Move to another type"))
        let unknown = try await stack.plumb("state", "mv", "local_file.usr", "local_file.x")
        #expect(unknown.code == 1 && unknown.words.contains("Did you mean \"local_file.user\"?"))
        let removed = try await stack.plumb("state", "rm", "local_file.b[1]", "local_file.user")
        #expect(removed.code == 0, "\(removed.errors)")
        #expect(try await stack.recorded() == ["local_file.b[0]"])
        #expect(stack.list("out") == ["0", "1", "user"])
    }
}
