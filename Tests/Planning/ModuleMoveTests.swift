import FoundationEssentials
import Planning
import PlumbModel
import StackFixtures
import Testing

/// Moves into, out of, between and inside of modules.
struct ModuleMoveTests {
    private func moves(_ plan: Plan) -> [String] { plan.moves.map { "\($0.from) -> \($0.to)" } }

    private func fixture(_ spec: String, _ module: String) throws -> StackFixture {
        let fixture = try StackFixture(spec)
        try FileManager.default.createDirectory(
            atPath: fixture.path("net"), withIntermediateDirectories: true, attributes: nil)
        try fixture.write("net/main.yaml", module)
        return fixture
    }

    @Test func aResourceGoesIntoAModuleAndComesOut() async throws {
        let inner = "resources: {data_value.zone: {spec: {input: x}}}\n"
        let outside = "resources: {data_value.a: {spec: {input: x}}}\n"
        let inside = "modules: {net: {source: ./net}}\n"
        let fixture = try fixture(outside, inner)
        try await fixture.apply()
        try fixture.spec(inside + "moved: [{from: data_value.a, to: module.net.data_value.zone}]\n")
        let going = try await fixture.plan()
        #expect(moves(going) == ["data_value.a -> module.net.data_value.zone"] && going.changes.isEmpty)
        try await fixture.apply(going)
        try fixture.spec(outside + "moved: [{from: module.net.data_value.zone, to: data_value.a}]\n")
        let coming = try await fixture.plan()
        #expect(moves(coming) == ["module.net.data_value.zone -> data_value.a"] && coming.changes.isEmpty)
        try await fixture.apply(coming)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func aModuleGetsKeysAndAnotherName() async throws {
        let fixture = try fixture(
            "modules: {net: {source: ./net}}\n", "resources: {data_value.zone: {count: 2, spec: {input: x}}}\n")
        try await fixture.apply()
        try fixture.spec(
            """
            modules: {network: {source: ./net, for_each: {eu: 1}}}
            moved:
              - {from: module.net, to: module.network}
              - {from: module.network, to: 'module.network["eu"]'}
            """)
        let plan = try await fixture.plan()
        #expect(
            moves(plan) == [
                #"module.net.data_value.zone[0] -> module.network["eu"].data_value.zone[0]"#,
                #"module.net.data_value.zone[1] -> module.network["eu"].data_value.zone[1]"#,
            ])
        #expect(plan.changes.isEmpty)
        try await fixture.apply(plan)
        #expect(try await fixture.plan().isEmpty)
    }

    /// A statement in a module holds in each of its instances; so does a `count` that comes.
    @Test func aModuleMovesWhatIsInIt() async throws {
        let fixture = try fixture(
            "modules: {net: {source: ./net, for_each: {eu: 1, us: 2}}}\n",
            "resources:\n  data_value.old: {spec: {input: x}}\n  data_value.one: {spec: {input: y}}\n")
        try await fixture.apply()
        try fixture.write(
            "net/main.yaml",
            """
            resources:
              data_value.new: {spec: {input: x}}
              data_value.one: {count: 1, spec: {input: y}}
            moved: [{from: data_value.old, to: data_value.new}]
            """)
        let plan = try await fixture.plan()
        #expect(
            moves(plan).sorted() == [
                #"module.net["eu"].data_value.old -> module.net["eu"].data_value.new"#,
                #"module.net["eu"].data_value.one -> module.net["eu"].data_value.one[0]"#,
                #"module.net["us"].data_value.old -> module.net["us"].data_value.new"#,
                #"module.net["us"].data_value.one -> module.net["us"].data_value.one[0]"#,
            ])
        #expect(plan.changes.isEmpty)
        try await fixture.apply(plan)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func aModuleIsForgottenAsAWhole() async throws {
        let fixture = try fixture(
            "modules: {net: {source: ./net}}\n", "resources: {local_file.a: {spec: {filename: a.txt, content: x}}}\n")
        try await fixture.apply()
        try fixture.spec("removed: [{from: module.net, destroy: false}]\n")
        let plan = try await fixture.plan()
        #expect(plan.summary == ["forget module.net.local_file.a"])
        try await fixture.apply(plan)
        #expect(fixture.read("a.txt") == "x")
    }

    @Test func whatIsInAModuleIsImportedFromTheStack() async throws {
        let module = "resources: {local_file.a: {spec: {filename: a.txt, content: x}}}\n"
        let fixture = try fixture(
            "modules: {net: {source: ./net}}\nimport: [{to: module.net.local_file.a, id: a.txt}]\n", module)
        try fixture.write("a.txt", "x")
        let plan = try await fixture.plan()
        #expect(plan.imports.map(\.address.description) == ["module.net.local_file.a"] && plan.changes.isEmpty)
        try await fixture.apply(plan)
        #expect(try await fixture.plan().isEmpty)
        try fixture.write("net/main.yaml", module + "import: [{to: local_file.a, id: a.txt}]\n")
        let refused = try await problems { _ = try await fixture.plan() }
        #expect(refused.all.map(\.summary) == ["Import in a module"])
    }

    @Test func triggersAreFoundInsideOfModules() async throws {
        func module(_ input: Int) -> String {
            """
            resources:
              data_value.a: {spec: {input: {v: \(input), w: 1}}}
              data_value.b: {lifecycle: {replace_triggered_by: [data_value.a.input.v]}}
              data_value.c: {lifecycle: {replace_triggered_by: [data_value.a.input.w]}}
            """
        }
        let fixture = try fixture("modules: {net: {source: ./net}}\n", module(1))
        try await fixture.apply()
        try fixture.write("net/main.yaml", module(2))
        let plan = try await fixture.plan()
        #expect(plan.summary == ["update module.net.data_value.a", "replace module.net.data_value.b"])
    }
}
