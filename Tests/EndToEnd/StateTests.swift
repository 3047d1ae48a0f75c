import Testing

/// `plumb state`, `plumb output`, `plumb show`: what is recorded, for people and for scripts.
struct StateTests {
    private static let spec = """
        variables: {text: {type: string, default: one}}
        resources:
          local_file.a: {spec: {filename: out/a, content: "${var.text}"}}
          local_file.b: {for_each: '${toset(["x", "y"])}', spec: {filename: "out/b-${each.key}", content: x}}
          random_password.p: {spec: {length: 24}}
        outputs:
          files: {value: '${[for f in local_file.b : f.filename]}'}
          name: {value: "${local_file.a.filename}", description: Where it is.}
          password: {value: "${random_password.p.result}", sensitive: true}
        """

    private func applied() async throws -> Stack {
        let stack = try Stack(["main.yaml": Self.spec])
        try await stack.apply()
        return stack
    }

    @Test func listGivesOneAddressALine() async throws {
        let stack = try await applied()
        let all = try await stack.plumb("state", "list")
        #expect(
            all.output == """
                local_file.a
                local_file.b["x"]
                local_file.b["y"]
                random_password.p

                """)
        let some = try await stack.plumb("state", "list", "local_file.b*")
        #expect(some.output == "local_file.b[\"x\"]\nlocal_file.b[\"y\"]\n")
        #expect(try await stack.plumb("state", "list", "nothing.*").output == "")
    }

    @Test func showMasksSecrets() async throws {
        let stack = try await applied()
        let secret = try await stack.plumb("output", "--raw", "password").output
        let shown = try await stack.plumb("state", "show", "random_password.p")
        #expect(shown.code == 0)
        #expect(shown.words.contains("result: (sensitive)"))
        #expect(!shown.output.contains(secret))
        #expect(try await stack.plumb("state", "show", "local_file.a").words.contains("filename: \"out/a\""))
    }

    @Test func anUnknownAddressIsAnErrorWithASuggestion() async throws {
        let stack = try await applied()
        let result = try await stack.plumb("state", "show", "local_file.aa")
        #expect(result.code == 1)
        #expect(result.words.contains("Did you mean \"local_file.a\"?"))
        let invalid = try await stack.plumb("state", "show", "not an address")
        #expect(invalid.code == 1)
        #expect(invalid.words.contains("is no address"))
    }

    @Test func historyTellsRunsAndChanges() async throws {
        let stack = try await applied()
        try await stack.apply("--var", "text=two")
        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        let runs = try await stack.plumb("state", "history")
        let lines = runs.output.split(separator: "\n").filter { $0.contains("tester@") }
        #expect(lines.count == 3)
        #expect(lines.first?.contains("destroy") == true)
        #expect(lines.allSatisfy { $0.contains("succeeded") })
        let changes = try await stack.plumb("state", "history", "local_file.a")
        #expect(changes.words.contains("\"one\" -> \"two\""), "\(changes.output)")
        for word in ["recorded", "changed", "removed"] { #expect(changes.output.contains(word)) }
        #expect(try await stack.plumb("state", "history", "local_file.never").code == 1)
    }

    @Test func outputsAreForPeopleAndForScripts() async throws {
        let stack = try await applied()
        let people = try await stack.plumb("output")
        #expect(people.output.contains("password: (sensitive)"))
        #expect(try await stack.plumb("output", "--raw", "name").output == "out/a")
        let secret = try await stack.plumb("output", "--raw", "password").output
        #expect(secret.count == 24)
        let json = try await stack.plumb("output", "--json")
        #expect(json.output.contains("\"sensitive\": true"))
        #expect(json.words.contains("[ \"out/b-x\", \"out/b-y\" ]"), "\(json.output)")
        #expect(try await stack.plumb("output", "--json", "files").words == "[ \"out/b-x\", \"out/b-y\" ]")
        #expect(try await stack.plumb("output", "--raw", "files").code == 1)
        let unknown = try await stack.plumb("output", "nam")
        #expect(unknown.code == 1)
        #expect(unknown.words.contains("Did you mean \"name\"?"))
    }

    @Test func aStackWithoutStateHasNothingToShow() async throws {
        let stack = try Stack(["main.yaml": Self.spec])
        #expect(try await stack.recorded().isEmpty)
        #expect(try await stack.plumb("output").code == 0)
        #expect(try await stack.plumb("state", "history").code == 0)
        #expect(!stack.exists(".plumb"))
    }
}
