import Applying
import Foundation
import Operations
import Planning
import PlumbModel
import StackFixtures
import StateBackendAPI
import Testing

/// Plans as files: they come back whole, secrets are sealed in them, and what has changed since is refused.
struct SavedPlanTests {
    private let fixture: StackFixture

    init() throws {
        fixture = try StackFixture(
            """
            variables:
              secret: {type: string, sensitive: true}
            resources:
              random_uuid.a: {}
              local_file.binary: {spec: {filename: copy.bin, content_base64: '${filebase64("data.bin")}'}}
              data_value.a:
                spec: {input: {id: "${random_uuid.a.result}", secret: "${var.secret}"}}
            outputs:
              id: {value: "${random_uuid.a.result}"}
            """)
        try fixture.write("prod.vars.yaml", "secret: hush-hush\n")
        try Data([0xFF, 0x00, 0xFE]).write(to: URL(fileURLWithPath: fixture.path("data.bin")))
    }

    private func save() async throws {
        let session = try await fixture.session()
        let operation = PlanOperation(session)
        try await operation.save(try await operation.run(PlanOptions()) { _ in }.plan, to: fixture.path("it.plan"))
        await session.close()
    }

    private func open() async throws -> SavedPlan {
        try await SavedPlan.open(
            fixture.path("it.plan"), at: StackLocation(directory: fixture.folder),
            capabilities: StackFixture.capabilities, environment: [:])
    }

    @Test func aPlanComesBackAndIsAppliedAsItIs() async throws {
        try await save()
        #expect(fixture.read("it.plan")?.contains("hush-hush") == false)
        let saved = try await open()
        #expect(
            saved.plan.summary == ["create data_value.a", "create local_file.binary", "create random_uuid.a"]
                || saved.plan.changes.count == 3)
        let input = try #require(
            saved.plan.changes.first { $0.address.description == "data_value.a" }?.after?[key: "input"])
        #expect(input[key: "id"]?.isUnknown == true)
        #expect(input[key: "secret"]?.isSensitive == true && input[key: "secret"]?.asString == "hush-hush")
        let outcome = try await ApplyOperation(saved.session, holder: StackFixture.holder).run(
            saved.plan, parallelism: 2, control: .init()
        ) { _ in }
        #expect(outcome.succeeded)
        await saved.session.close()
        #expect(FileManager.default.contents(atPath: fixture.path("copy.bin")) == Data([0xFF, 0x00, 0xFE]))
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func whatHasChangedSinceIsNamed() async throws {
        try await save()
        try Data([1]).write(to: URL(fileURLWithPath: fixture.path("data.bin")))
        try fixture.write("more.yaml", "locals: {x: 1}\n")
        let found = try await problems { _ = try await open() }
        #expect(found.all.map(\.summary) == ["Plan is stale", "Plan is stale"])
        #expect(found.lines.contains { $0.contains("data.bin has changed") })
        #expect(found.lines.contains { $0.contains("more.yaml has been added") })
    }

    @Test func alteredAndCutFilesAreRefused() async throws {
        try await save()
        let text = try #require(fixture.read("it.plan"))
        try fixture.write("it.plan", text.replacing("random_uuid.a", with: "random_uuid.b"))
        #expect(try await problems { _ = try await open() }.all.map(\.summary) == ["Plan was altered"])
        try fixture.write("it.plan", String(text.prefix(text.count / 2)))
        #expect(try await problems { _ = try await open() }.all.map(\.summary) == ["Not a plan file"])
        try fixture.remove("it.plan")
        #expect(try await problems { _ = try await open() }.all.map(\.summary) == ["Cannot read plan"])
    }

    @Test func withoutTheKeySecretsStaySealedAndNothingIsLost() async throws {
        try await fixture.apply()
        let key = try #require(fixture.read(".plumb/state.key"))
        try fixture.remove(".plumb/state.key")
        let missing = try await problems { _ = try await fixture.plan() }
        #expect(missing.lines.first?.contains("key is missing") == true)
        try fixture.write(".plumb/state.key", Data(repeating: 7, count: 32).base64EncodedString())
        let wrong = try await problems { _ = try await fixture.plan() }
        #expect(wrong.lines.first?.contains("sealed with another one") == true)
        try fixture.write(".plumb/state.key", "rubbish")
        #expect(try await problems { _ = try await fixture.plan() }.lines.first?.contains("is no key") == true)
        try fixture.write(".plumb/state.key", key)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func manyAtOnceMakeOneKey() async throws {
        let stacks = (0..<8).map { _ in fixture }
        let plans = try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, stack) in stacks.enumerated() {
                group.addTask {
                    let session = try await stack.session()
                    let operation = PlanOperation(session)
                    let plan = try await operation.run(PlanOptions()) { _ in }.plan
                    try await operation.save(plan, to: stack.path("\(number).plan"))
                    await session.close()
                }
            }
            try await group.waitForAll()
            return (0..<8).map { fixture.path("\($0).plan") }
        }
        for plan in plans {
            let opened = try await SavedPlan.read(plan, at: StackLocation(directory: fixture.folder), environment: [:])
            #expect(opened.plan.changes.count == 3)
        }
    }
}
