import Testing

/// A module's own files, by way of `path.module`, wherever its directory is.
struct ModuleFileTests {
    private func stack() throws -> Stack {
        try Stack([
            "web/stack.yaml": "stack: web\n", "web/main.yaml": "modules: {net: {source: ../modules/net}}\n",
            "modules/net/a.yaml": """
            resources:
              local_file.a: {spec: {filename: out/a, content: '${file("${path.module}/text")}'}}
              local_file.many:
                for_each: ${fileset(path.module, "*.txt")}
                spec: {filename: "out/${each.key}", content: x}

            """, "modules/net/text": "one", "modules/net/b.txt": "", "modules/other/secret": "hidden",
        ])
    }

    @Test func aModuleBesideTheStackReadsThem() async throws {
        let stack = try stack()
        let applied = try await stack.plumb("-C", "web", "apply", "--auto-approve")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(stack.read("web/out/a") == "one")
        #expect(stack.read("web/out/b.txt") == "x")
    }

    @Test func whatIsNoModulesStaysOutOfReach() async throws {
        let stack = try stack()
        for path in ["${path.module}/../other/secret", "${path.module}/../../../x", "../modules", ".."] {
            try stack.write(
                "modules/net/a.yaml",
                "resources: {local_file.a: {spec: {filename: out/a, content: '${file(\"\(path)\")}'}}}\n")
            let plan = try await stack.plumb("-C", "web", "plan")
            #expect(plan.code == 1)
            #expect(plan.words.contains("leads out of the stack"), "\(plan.errors)")
        }
    }

    @Test func aSavedPlanHoldsThemAndIsStaleOnceTheyChange() async throws {
        let stack = try stack()
        #expect(try await stack.plumb("-C", "web", "plan", "--out", "it.plan").code == 0)
        try stack.write("modules/net/text", "two")
        let stale = try await stack.plumb("-C", "web", "apply", "it.plan")
        #expect(stale.code == 1)
        #expect(stale.words.contains("../modules/net/text has changed"), "\(stale.errors)")
        try stack.write("modules/net/text", "one")
        let applied = try await stack.plumb("-C", "web", "apply", "it.plan")
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(stack.read("web/out/a") == "one")
        #expect(stack.read("web/out/b.txt") == "x")
    }
}
