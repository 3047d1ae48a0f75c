import PlumbModel
import StackFixtures
import Testing

/// What `import` takes over, and how it is compared with what is declared.
struct ImportTests {
    private static let files = """
        resources:
          local_file.a:
            for_each: {x: one, y: two}
            spec: {filename: "${each.key}.txt", content: "${each.value}"}
        import:
          - for_each: {x: 1, y: 1}
            to: local_file.a[each.key]
            id: ${each.key}.txt

        """

    @Test func whatExistsIsTakenOverAndSetRight() async throws {
        let fixture = try StackFixture(Self.files)
        try fixture.write("x.txt", "one")
        try fixture.write("y.txt", "other")
        let plan = try await fixture.plan()
        #expect(plan.imports.map(\.address.description) == [#"local_file.a["x"]"#, #"local_file.a["y"]"#])
        #expect(plan.summary == [#"update local_file.a["y"]"#] && plan.changes.first?.reason == .imported)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(fixture.read("y.txt") == "two")
        // The entry stays and does nothing more.
        let second = try await fixture.plan()
        #expect(second.isEmpty && second.imports.isEmpty && second.rewrites.isEmpty)
    }

    @Test func whatDoesNotExistIsSaid() async throws {
        let fixture = try StackFixture(Self.files)
        try fixture.write("x.txt", "one")
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.map(\.summary) == ["Nothing to import"])
        #expect(found.all.first?.address?.description == #"local_file.a["y"]"#)
    }

    @Test(arguments: [
        ("{to: local_file.b, id: x.txt}", "Import of a resource that is not declared"),
        (#"{to: 'local_file.a["z"]', id: x.txt}"#, "Import of an instance that is not declared"),
        ("{to: local_file.a, id: x.txt}", "Import of an instance that is not declared"),
        ("{to: time_sleep.s, id: x}", "Type cannot be imported"),
        (#"{to: 'local_file.a["x"]', id: x.txt, provider: other}"#, "Import by another provider"),
        ("{to: random_uuid.u, id: no-uuid}", "Cannot import resource"),
    ])
    func whatCannotBeImportedIsRefused(_ entry: String, _ summary: String) async throws {
        let spec = """
            resources:
              local_file.a: {for_each: {x: 1}, spec: {filename: x.txt, content: one}}
              time_sleep.s: {}
              random_uuid.u: {}
            import: [\(entry)]
            """
        let fixture = try StackFixture(spec)
        try fixture.write("x.txt", "one")
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.map(\.summary) == [summary])
    }

    /// Nothing may take it for something that is no longer declared.
    @Test func anInstanceThatOnlyThePlanKnowsMustBeThere() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.first: {spec: {input: {x: 1}}}
              local_file.a: {for_each: "${data_value.first.input}", spec: {filename: "${each.key}.txt", content: one}}
            import: [{to: 'local_file.a["gone"]', id: gone.txt}]
            """)
        try fixture.write("gone.txt", "one")
        let found = try await problems { _ = try await fixture.plan() }
        #expect(found.all.map(\.summary) == ["Import of an instance that is not declared"])
        #expect(fixture.read("gone.txt") == "one")
    }
}
