import Testing

/// The command line itself: help, mistakes, directories, colours, completion.
struct CommandLineTests {
    private static let spec = "resources: {local_file.a: {spec: {filename: out/a, content: x}}}\n"

    private static let mistakes = [
        ["plna"], ["plan", "--targte", "x"], ["plan", "--parallelism", "0"], ["state", "lits"], ["apply", "a", "b"],
    ]

    @Test(arguments: mistakes)
    func aWrongCommandLineFailsOnStandardError(_ arguments: [String]) async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = await (try stack.start(arguments)).result()
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("Error:"))
        #expect(result.errors.contains("plumb"))
    }

    @Test(arguments: [["--help"], ["plan", "--help"], ["help", "apply"], ["state", "--help"], ["-h"]])
    func helpGoesToStandardOutput(_ arguments: [String]) async throws {
        let stack = try Stack()
        let result = await (try stack.start(arguments)).result()
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
        #expect(result.output.contains("USAGE"))
    }

    @Test func versionIsTold() async throws {
        let result = try await Stack().plumb("version")
        #expect(result.code == 0)
        #expect(result.output.wholeMatch(of: /Plumbline \d+\.\d+\.\d+\S*\n/) != nil, "\(result.output)")
    }

    @Test(arguments: [("bash", "bash -n"), ("zsh", "zsh -n"), ("fish", "fish -n")])
    func completionsAreScriptsOfTheirShell(_ shell: String, _ check: String) async throws {
        let stack = try Stack()
        let result = try await stack.plumb("completion", shell)
        #expect(result.code == 0)
        #expect(result.output.contains("plumb"))
        try stack.write("script", result.output)
        // The syntax is checked where the shell is installed; bash is everywhere.
        try await stack.shell("if command -v \(shell) >/dev/null; then \(check) script; fi")
    }

    @Test func anotherDirectoryIsNamedBeforeOrAfterTheCommand() async throws {
        let stack = try Stack(["stacks/web/stack.yaml": "stack: web\n", "stacks/web/main.yaml": Self.spec])
        #expect(try await stack.plumb("-C", "stacks/web", "apply", "--auto-approve").code == 0)
        #expect(stack.exists("stacks/web/out/a"))
        #expect(try await stack.plumb("plan", "-C", "stacks/web", "--detailed-exitcode").code == 0)
        #expect(try await stack.plumb("-C", "stacks/web", "state", "list").output == "local_file.a\n")
        let nowhere = try await stack.plumb("-C", "stacks/wbe", "plan")
        #expect(nowhere.code == 1)
        #expect(nowhere.errors.contains("stacks/wbe"))
    }

    @Test func whatIsPipedHasNoColours() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        for arguments in [
            ["plan"], ["apply", "--auto-approve"], ["state", "show", "local_file.a"], ["plan", "--target", "no"],
        ] {
            let result = await (try stack.start(arguments, ["TERM": "xterm-256color"])).result()
            #expect(!result.output.contains("\u{1B}"))
            #expect(!result.errors.contains("\u{1B}"))
        }
    }

    @Test func inATerminalThereAreColoursUnlessTheyAreUnwanted() async throws {
        let stack = try Stack(["main.yaml": Self.spec], environment: ["PLUMB": Plumb.path, "TERM": "xterm-256color"])
        // `script` gives the program a terminal of its own.
        let coloured = try await stack.shell("script -qec '\"$PLUMB\" plan' /dev/null </dev/null")
        #expect(coloured.contains("\u{1B}[32m"))
        let plain = try await stack.shell("NO_COLOR=1 script -qec '\"$PLUMB\" plan' /dev/null </dev/null")
        #expect(!plain.contains("\u{1B}[32m"))
        let flag = try await stack.shell("script -qec '\"$PLUMB\" plan --no-color' /dev/null </dev/null")
        #expect(!flag.contains("\u{1B}[32m"))
    }

    @Test func quietLeavesResultsAndProblemsAlone() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = try await stack.plumb("apply", "--auto-approve", "-q")
        #expect(result.code == 0)
        #expect(result.errors.isEmpty, "\(result.errors)")
    }

    @Test func initMakesAStackThatApplies() async throws {
        let stack = try Stack(["new/keep": ""])
        let made = try await stack.plumb("-C", "new", "init")
        #expect(made.code == 0, "\(made.errors)")
        #expect(try await stack.plumb("-C", "new", "apply", "--auto-approve").code == 0)
        #expect(stack.read("new/out/hello.txt") == "Hello from Plumbline\n")
        #expect(try await stack.plumb("-C", "new", "plan", "--detailed-exitcode").code == 0)
        let spec = stack.read("new/stack.yaml")
        let again = try await stack.plumb("-C", "new", "init")
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output == "The stack is ready. Next: plumb plan\n")
        let named = try await stack.plumb("-C", "new", "init", "--name", "other")
        #expect(named.code == 1)
        #expect(named.words.contains("Nothing was touched"))
        #expect(stack.read("new/stack.yaml") == spec && !stack.exists("new/plumb.lock.yaml"))
    }
}
