import Planning
import PlumbModel
import StackFixtures
import Testing

/// When data is read: at once where nothing speaks against it, else during the apply.
struct DataTests {
    private static func spec(_ data: String, content: String = "one") -> String {
        """
        resources:
          local_file.a: {spec: {filename: a.txt, content: \(content)}}
          data_value.user: {spec: {input: "${data.local_file.a.content}"}}
        locals: {name: "${local_file.a.filename}"}
        data:
          local_file.a: \(data)
        """
    }

    @Test func whatIsNotKnownYetIsReadDuringTheApply() async throws {
        let fixture = try StackFixture(
            """
            resources:
              data_value.a: {}
              local_file.a: {spec: {filename: "${data_value.a.id}.txt", content: made}}
            data:
              local_file.a: {spec: {filename: "${data_value.a.id}.txt"}, depends_on: [local_file.a]}
            outputs: {read: {value: "${data.local_file.a.content}"}}
            """)
        let plan = try await fixture.plan()
        let read = try #require(plan.changes.first { $0.action == .read })
        #expect(read.reason == .readLater)
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.output("read") == "made")
        #expect(try await fixture.plan().isEmpty)
    }

    @Test(arguments: [
        #"{spec: {filename: a.txt}, depends_on: [local_file.a]}"#, #"{spec: {filename: "${local_file.a.filename}"}}"#,
    ])
    func whatIsAboutToChangeIsReadAfterwards(_ data: String) async throws {
        let fixture = try StackFixture(Self.spec(data))
        #expect(try await fixture.apply().succeeded)
        let unchanged = try await fixture.plan()
        #expect(unchanged.isEmpty && unchanged.data.map { $0.values[key: "content"] } == ["one"])
        try fixture.spec(Self.spec(data, content: "two"))
        let plan = try await fixture.plan()
        let read = try #require(plan.changes.first { $0.action == .read })
        #expect(read.reason == .readAfterChanges)
        let change = try #require(plan.position(.update, "local_file.a"))
        #expect(try change < #require(plan.position(.read, "data.local_file.a")))
        #expect(try await fixture.apply(plan).succeeded)
        #expect(try await fixture.record("data_value.user")?.values[key: "output"] == "two")
    }

    @Test func whatIsNamedThroughALocalIsReadAtOnce() async throws {
        let data = #"{spec: {filename: "${local.name}"}}"#
        let fixture = try StackFixture(Self.spec(data))
        try fixture.write("a.txt", "one")
        #expect(try await fixture.plan().data.map { $0.values[key: "content"] } == ["one"])
    }

    @Test func conditionsOfDataAreHeldWhenItIsRead() async throws {
        func spec(_ content: String, _ guarding: String = "true") -> String {
            Self.spec(
                """
                {spec: {filename: "${local_file.a.filename}"}, lifecycle: {
                      preconditions: [{condition: "\(guarding)", error: Not now.}],
                      postconditions: [{condition: '${self.content != "two"}', error: "It is ${self.content}."}]}}
                """, content: content)
        }
        let fixture = try StackFixture(spec("one"))
        #expect(try await fixture.apply().succeeded)
        #expect(try await fixture.plan().checks.map(\.status) == [.pass])
        try fixture.spec(spec("one", "${local_file.a.content == \"two\"}".replacing("\"", with: "\\\"")))
        #expect(try await problems { _ = try await fixture.plan() }.lines == ["Precondition failed: Not now."])
        try fixture.spec(spec("two"))
        let plan = try await fixture.plan()
        #expect(plan.checks.map(\.status) == [.unknown])
        let outcome = try await fixture.apply(plan)
        #expect(outcome.diagnostics.lines == ["Postcondition failed: It is two."])
        #expect(outcome.checks.map(\.status) == [.fail])
        // What waits for it was not tried.
        #expect(try await fixture.record("data_value.user")?.values[key: "output"] == "one")
    }

    @Test func aGuardThatIsNotKnownYetIsHeldBeforeTheReading() async throws {
        let fixture = try StackFixture(
            """
            resources: {data_value.a: {}}
            data:
              local_file.a:
                spec: {filename: none.txt}
                lifecycle: {preconditions: [{condition: '${data_value.a.id == ""}', error: Not now.}]}
            """)
        let plan = try await fixture.plan()
        #expect(plan.summary == ["create data_value.a", "read data.local_file.a"])
        let outcome = try await fixture.apply(plan)
        #expect(outcome.diagnostics.lines == ["Precondition failed: Not now."])
    }
}
