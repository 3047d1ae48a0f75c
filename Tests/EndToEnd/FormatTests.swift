import Foundation
import Testing

/// `plumb fmt`: which files it takes, what it writes, and its exit codes.
struct FormatTests {
    private static let careless = "locals:\n    a:   ${1+2} # sum\n"
    private static let tidy = "locals:\n  a: ${1 + 2} # sum\n"

    @Test func filesOfTheStackAreWrittenAndListed() async throws {
        let stack = try Stack(["main.yaml": Self.careless, "inner/other.yaml": Self.careless, "notes.txt": "a:   b"])
        try await stack.shell("chmod 640 main.yaml")
        let result = try await stack.plumb("fmt")
        #expect(result.code == 0 && result.output == "main.yaml\n", "\(result.errors)")
        #expect(stack.read("main.yaml") == Self.tidy)
        #expect(stack.read("inner/other.yaml") == Self.careless)
        #expect(try await stack.shell("stat -c %a main.yaml") == "640\n")
        #expect(stack.list("") == ["inner", "main.yaml", "notes.txt", "stack.yaml"])
        #expect(try await stack.plumb("fmt").output == "")
        #expect(try await stack.plumb("fmt", "--recursive").output == "inner/other.yaml\n")
    }

    @Test func checkChangesNothingAndExitsWithTwo() async throws {
        let stack = try Stack(["main.yaml": Self.careless])
        let result = try await stack.plumb("fmt", "--check", "--diff")
        #expect(result.code == 2)
        #expect(
            result.output == """
                --- a/main.yaml
                +++ b/main.yaml
                @@ -1,2 +1,2 @@
                 locals:
                -    a:   ${1+2} # sum
                +  a: ${1 + 2} # sum

                """)
        #expect(stack.read("main.yaml") == Self.careless)
        try stack.write("change.diff", result.output)
        try await stack.shell("git apply change.diff")
        #expect(stack.read("main.yaml") == Self.tidy)
        #expect(try await stack.plumb("fmt", "--check").code == 0)
    }

    @Test func withoutWritingItOnlyLists() async throws {
        let stack = try Stack(["main.yaml": Self.careless])
        let result = try await stack.plumb("fmt", "--write=false", "main.yaml")
        #expect(result.code == 0 && result.output == "main.yaml\n")
        #expect(stack.read("main.yaml") == Self.careless)
    }

    @Test func standardInputGoesToStandardOutput() async throws {
        let stack = try Stack(["careless": Self.careless], environment: ["PLUMB": Plumb.path])
        #expect(try await stack.shell("\"$PLUMB\" fmt - < careless") == Self.tidy)
        #expect(try await stack.shell("\"$PLUMB\" fmt --check - < careless || echo $?") == "2\n")
    }

    @Test func whatCannotBeReadIsToldAndLeftAlone() async throws {
        let broken = "a: [1,\nb:   2\n"
        let stack = try Stack(["broken.yaml": broken, "main.yaml": Self.careless])
        let result = try await stack.plumb("fmt")
        #expect(result.code == 1)
        #expect(result.errors.contains("broken.yaml:"))
        #expect(stack.read("broken.yaml") == broken)
        #expect(stack.read("main.yaml") == Self.tidy)
        let missing = try await stack.plumb("fmt", "mian.yaml")
        #expect(missing.code == 1 && missing.words.contains("Did you mean \"main.yaml\"?"))
    }

    @Test func linksAndEncryptedFilesStay() async throws {
        let encrypted = "a:   ENC[x]\nsops:\n    version: 1\n"
        let stack = try Stack(["real.yaml": Self.careless, "secret.vars.yaml": encrypted])
        try await stack.shell("ln -s real.yaml link.yaml")
        #expect(try await stack.plumb("fmt", "link.yaml", "secret.vars.yaml").output == "link.yaml\n")
        #expect(try await stack.shell("readlink link.yaml") == "real.yaml\n")
        #expect(stack.read("real.yaml") == Self.tidy)
        #expect(stack.read("secret.vars.yaml") == encrypted)
    }
}
