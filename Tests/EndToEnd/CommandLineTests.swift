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

    @Test(arguments: [
        (["plna"], "There is no command 'plumb plna'. Did you mean 'plumb plan'?"),
        (["help", "aply"], "There is no command 'plumb aply'. Did you mean 'plumb apply'?"),
        (["-C", "x", "stat", "list"], "There is no command 'plumb stat'. Did you mean 'plumb state'?"),
        (["state", "lits"], "There is no command 'plumb state lits'. Did you mean 'plumb state list'?"),
        (["frobnicate"], "There is no command 'plumb frobnicate'. The commands are: init, fmt, validate, plan, "),
        (["plan", "--targte", "x"], "Unknown option '--targte'. Did you mean '--target'?"),
        (["apply", "--auto-aprove"], "Unknown option '--auto-aprove'. Did you mean '--auto-approve'?"),
        (["state", "list", "--no-colour"], "Unknown option '--no-colour'. Did you mean '--no-color'?"),
    ])
    func whatWasProbablyMeantIsNamed(_ arguments: [String], _ message: String) async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        let result = await (try stack.start(arguments)).result()
        #expect(result.code == 1)
        #expect(result.words.contains(message), "\(result.errors)")
    }

    @Test(arguments: [["--help"], ["plan", "--help"], ["help", "apply"], ["state", "--help"], ["-h"]])
    func helpGoesToStandardOutput(_ arguments: [String]) async throws {
        let stack = try Stack()
        let result = await (try stack.start(arguments)).result()
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
        #expect(result.output.contains("USAGE"))
    }

    /// An example that is broken in the middle cannot be copied.
    @Test func everyCommandHasExamplesThatFitIntoEightyColumns() async throws {
        let stack = try Stack()
        let commands = [
            "init", "validate", "fmt", "plan", "apply", "destroy", "import", "test", "output", "show", "explain",
            "console", "graph", "schema", "state list", "state show", "state history", "state mv", "state rm",
            "state verify", "state unlock", "state backup", "state pull", "state push", "state rekey", "state migrate",
            "state diff", "state rollback", "state import", "completion",
        ]
        for command in commands {
            let arguments = command.split(separator: " ").map(String.init) + ["--help"]
            let result = await (try stack.start(arguments, ["COLUMNS": "80"])).result()
            let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
            let heading = try #require(lines.firstIndex(of: "Examples:"), "\(command)")
            let examples = lines[(heading + 1)...].prefix { !$0.isEmpty }
            #expect(!examples.isEmpty && examples.allSatisfy { $0.hasPrefix("  ") }, "\(command): \(examples)")
        }
    }

    @Test(arguments: ["version", "--version"])
    func versionIsTold(_ word: String) async throws {
        let result = try await Stack().plumb(word)
        #expect(result.code == 0)
        #expect(result.output.wholeMatch(of: /Plumbline \d+\.\d+\.\d+\S*\n/) != nil, "\(result.output)")
    }

    @Test(.enabled(if: Program.isExpected("bash"), "bash is not installed"))
    func bashReadsItsCompletion() async throws { try await completionIsRead(by: "bash") }

    @Test(.enabled(if: Program.isExpected("zsh"), "zsh is not installed"))
    func zshReadsItsCompletion() async throws { try await completionIsRead(by: "zsh") }

    @Test(.enabled(if: Program.isExpected("fish"), "fish is not installed"))
    func fishReadsItsCompletion() async throws { try await completionIsRead(by: "fish") }

    private func completionIsRead(by shell: String) async throws {
        let stack = try Stack()
        let result = try await stack.plumb("completion", shell)
        #expect(result.code == 0)
        #expect(result.output.contains("plumb"))
        try stack.write("script", result.output)
        try await stack.shell("\(shell) -n script")
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

    @Test func whatCannotBeWrittenIsToldInTheSystemsWords() async throws {
        let stack = try Stack(["main.yaml": Self.spec, "a.test.yaml": "runs: [{name: fine, command: plan}]\n"])
        for arguments in [["plan", "--out", "no/plan"], ["test", "--junit-xml", "no/report.xml"]] {
            let result = await (try stack.start(arguments)).result()
            #expect(result.code == 1)
            #expect(result.words.contains("No such file or directory."), "\(result.errors)")
            #expect(!result.errors.contains("NSCocoaError") && !result.errors.contains("Error Domain"))
        }
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
