import Foundation
import Testing

/// `plumb console`, as scripts and people use it.
struct ConsoleTests {
    private static let spec = """
        variables:
          size: {type: number, default: 2}
          password: {type: string, default: secret, sensitive: true}
        locals:
          names: '${[for i in range(var.size) : "n${i}"]}'
        resources:
          local_file.a: {spec: {filename: out/a, content: "${local.names[0]}"}}
          local_file.many: {for_each: "${toset(local.names)}", spec: {filename: "out/${each.key}", content: x}}
        """

    @Test func eachLineIsAnswered() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try stack.write("lines", "1 + 1\n\n{a = tolist([1])}\nvar.password\nlocal.names[5]\n\"a\\nb\"\nstack.name\n")
        let result = try await stack.console("< lines")
        #expect(result.code == 1)
        #expect(
            result.output == """
                2
                {
                  "a" = tolist([
                    1,
                  ])
                }
                (sensitive value)
                <<EOT
                a
                b
                EOT
                "test"

                """)
        #expect(result.errors.contains("There is no element 5"))
        #expect(result.errors.contains("console:1:13"))
    }

    @Test func jsonHasOneLineForEach() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try stack.write("lines", "[1, {a = null}]\n1 +\nvar.password\nlocal_file.a.id\ntimestamp() == \"\"\nexit\n5\n")
        let result = try await stack.console("--json < lines")
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.first == #"[1,{"a":null}]"#)
        #expect(lines[1...3].allSatisfy { $0.hasPrefix(#"{"error":""#) })
        #expect(!result.output.contains("\"secret\""))
        #expect(lines.last == "false")
    }

    @Test func resourcesHaveTheirRecordedValues() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try stack.write("lines", "local_file.a.content\nlocal_file.many[\"n1\"].filename\nkeys(local_file.many)\n")
        let before = try await stack.console("< lines")
        #expect(before.output.hasPrefix("(known after apply)\n(known after apply)\n"))
        #expect(try await stack.plumb("apply", "--auto-approve").code == 0)
        let after = try await stack.console("--json < lines")
        #expect(after.output == "\"n0\"\n\"out/n1\"\n[\"n0\",\"n1\"]\n")
        let other = try await stack.console("--var size=1 --json < lines")
        #expect(other.output.contains("does not exist"))
    }

    @Test func namesThatAreNotThereAreSuggested() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try stack.write("lines", "local_file.aa.id\nvar.sise\nlocal.nmaes\nuper(\"a\")\n")
        let result = try await stack.console("< lines")
        for name in ["local_file.a", "size", "names", "upper"] {
            #expect(result.errors.contains("Did you mean \"\(name)\"?"), "\(result.errors)")
        }
    }

    @Test func functionsWorkWithoutAStack() async throws {
        let stack = try Stack(["plain/a.txt": "hello"])
        try stack.write(
            "lines", "file(\"a.txt\")\nfileset(\".\", \"*\")\npath.module\nfile(\"../lines\")\nlocal_file.a\n")
        let result = try await stack.console("-C plain --json < lines")
        #expect(result.output.hasPrefix("\"hello\"\n[\"a.txt\"]\n\".\"\n{\"error\":"))
        #expect(result.output.contains("There is no stack in this directory"))
    }

    @Test func aBrokenStackIsToldOnce() async throws {
        let stack = try Stack(["main.yaml": "locals: {a: \"${b\"}\n"])
        try stack.write("lines", "1\n")
        let result = try await stack.console("< lines")
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("main.yaml:1"))
    }

    @Test func inATerminalOpenBracketsAskForMore() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        try stack.write("lines", "upper(\n\"abc\"\n)\n1 +\n[\n\n2 + 2\nexit\n")
        // The shell's `script` gives the console a terminal.
        let result = try await stack.console("", inTerminal: true)
        #expect(result.output.contains("\"ABC\""))
        #expect(result.output.contains("Invalid expression"))
        #expect(result.output.contains("4"))
        #expect(result.code == 0)
    }
}

extension Stack {
    /// Runs `plumb console` with arguments and redirections as a shell reads them.
    fileprivate func console(_ arguments: String, inTerminal: Bool = false) async throws -> ChildProcess.Result {
        let command =
            inTerminal
            ? "(sleep 1; cat lines; sleep 1) | script -qec '\(Plumb.path) console' /dev/null"
            : "'\(Plumb.path)' console \(arguments)"
        return try await ProcessGate.shared.pass {
            let process = try ChildProcess(
                "/bin/sh", ["-c", command], in: directory.path, environment: Plumb.environment,
                deadline: 60)
            return await process.result()
        }
    }
}
