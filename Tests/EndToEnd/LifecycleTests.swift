import Testing

/// Protection, conditions, order, and declarations that come and go.
struct LifecycleTests {
    private static let protected = """
        resources:
          local_file.a:
            spec: {filename: out/a, content: x}
            lifecycle: {prevent_destroy: true}
          local_file.b: {spec: {filename: out/b, content: x}}
        """

    @Test func whatIsProtectedIsNotDestroyedNorReplaced() async throws {
        let stack = try Stack(["main.yaml": Self.protected])
        try await stack.apply()
        try await expectProtected(stack, try await stack.plumb("destroy", "--auto-approve"))
        #expect(stack.list("out") == ["a", "b"])
        try stack.write("main.yaml", Self.protected.replacing("out/a", with: "out/c"))
        try await expectProtected(stack, try await stack.plumb("apply", "--auto-approve"))
        #expect(stack.list("out") == ["a", "b"])
    }

    @Test func protectionOutlivesItsBlockUntilItIsLifted() async throws {
        let stack = try Stack(["main.yaml": Self.protected])
        try await stack.apply()
        try stack.write("main.yaml", "resources: {local_file.b: {spec: {filename: out/b, content: x}}}\n")
        try await expectProtected(stack, try await stack.plumb("apply", "--auto-approve"))
        // Without a word on protection it stays, too.
        try stack.write("main.yaml", "resources: {local_file.a: {spec: {filename: out/a, content: x}}}\n")
        try await expectProtected(stack, try await stack.plumb("destroy", "--auto-approve"))
        try stack.write("main.yaml", Self.protected.replacing("true", with: "false"))
        try await stack.apply()
        try stack.write("main.yaml", "resources: {local_file.b: {spec: {filename: out/b, content: x}}}\n")
        try await stack.apply()
        #expect(stack.list("out") == ["b"])
    }

    private func expectProtected(_ stack: Stack, _ result: ChildProcess.Result) async throws {
        #expect(result.code == 1)
        #expect(result.errors.contains("prevent_destroy"), "\(result.errors)")
        #expect(result.errors.contains("local_file.a"))
        #expect(stack.exists("out/a"))
    }

    @Test func conditionsStopBeforeAndAfter() async throws {
        let stack = try Stack([
            "main.yaml": """
            variables: {size: {type: number, default: 1}, wanted: {type: string, default: nothing}}
            resources:
              local_file.a:
                spec: {filename: out/a, content: "${var.size}"}
                lifecycle:
                  preconditions: [{condition: "${var.size < 5}", error: "The size ${var.size} is too big."}]
                  postconditions: [{condition: "${self.content != var.wanted}", error: "Not ${self.content}!"}]
              local_file.b: {spec: {filename: out/b, content: "${local_file.a.content}"}}
            """
        ])
        let before = try await stack.plumb("apply", "--auto-approve", "--var", "size=7")
        #expect(before.code == 1)
        #expect(before.errors.contains("The size 7 is too big."), "\(before.errors)")
        #expect(!stack.exists("out/a"))
        let after = try await stack.plumb("apply", "--auto-approve", "--var", "wanted=1")
        #expect(after.code == 1)
        #expect((after.output + after.errors).contains("Not 1!"), "\(after.output)\(after.errors)")
        #expect(!stack.exists("out/b"))
        try await stack.apply()
        #expect(stack.list("out") == ["a", "b"])
    }

    @Test func dependsOnOrdersAndNothingElse() async throws {
        let stack = try Stack([
            "stack.yaml": "stack: test\nproviders: {builtin: {allow_commands: true}}\n",
            "main.yaml": """
            resources:
              command.last:
                depends_on: [time_sleep.first]
                spec: {create: "echo last >> log", delete: "echo unlast >> log"}
              time_sleep.first: {depends_on: [command.zero], spec: {create_duration: 300ms}}
              command.zero: {spec: {create: "echo zero >> log", delete: "echo unzero >> log"}}
            """,
        ])
        try await stack.apply()
        #expect(stack.read("log") == "zero\nlast\n")
        try stack.remove("log")
        #expect(try await stack.plumb("destroy", "--auto-approve").code == 0)
        #expect(stack.read("log") == "unlast\nunzero\n")
    }

    @Test func keysComeAndGoAndTheOthersStay() async throws {
        func spec(_ keys: String, _ count: Int, _ enabled: Bool) -> String {
            """
            resources:
              random_uuid.key: {for_each: '${toset(\(keys))}'}
              random_uuid.number: {count: \(count)}
              random_uuid.maybe: {enabled: \(enabled)}
            outputs:
              b: {value: '${random_uuid.key["b"].result}'}
              first: {value: '${random_uuid.number[0].result}'}
            """
        }
        let stack = try Stack(["main.yaml": spec(#"["a", "b"]"#, 3, true)])
        try await stack.apply()
        let before = try await stack.plumb("output", "--json").output
        try stack.write("main.yaml", spec(#"["b", "c"]"#, 1, false))
        let result = try await stack.apply()
        #expect(result.output.contains("1 created, 4 destroyed."), "\(result.output)")
        #expect(
            try await stack.recorded() == [
                "random_uuid.key[\"b\"]", "random_uuid.key[\"c\"]", "random_uuid.number[0]",
            ])
        #expect(try await stack.plumb("output", "--json").output == before)
        try await stack.expectNoChanges()
    }

    @Test func everyInstanceComesBackFromNothing() async throws {
        let spec =
            "resources: {local_file.a: {for_each: '${toset(KEYS)}', spec: {filename: 'out/${each.key}', content: x}}}\n"
        let stack = try Stack(["main.yaml": spec.replacing("KEYS", with: #"["a", "b"]"#)])
        try await stack.apply()
        try stack.write("main.yaml", spec.replacing("KEYS", with: "[]"))
        try await stack.apply()
        #expect(stack.list("out") == [])
        try await stack.expectNoChanges()
    }
}
