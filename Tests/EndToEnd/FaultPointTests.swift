import Foundation
import Testing

/// The process is killed at every step of the journal, as a power cut would: the next apply finds out what happened by
/// itself, at once, and nothing is lost, made twice, or left behind.
struct FaultPointTests {
    enum Scenario: String, CaseIterable, Sendable {
        case create, update, replace, replaceCreatingFirst, delete
    }

    struct Kill: Sendable, CustomTestStringConvertible {
        let scenario: Scenario
        /// As in `PLUMB_FAULT`: the step's name, and at which of its occurrences.
        let fault: String

        var testDescription: String { "\(scenario) \(fault)" }
    }

    static let steps = ["before-intent", "after-intent", "before-call", "after-call", "after-result"]

    static let kills = Scenario.allCases.flatMap { scenario in
        steps.flatMap { step in [1, 4, 6].map { Kill(scenario: scenario, fault: "\(step):\($0)") } }
    }

    private static let keys = ["a", "b", "c", "d", "e", "f"]

    /// Each file but the first waits for the first one, so that kills meet both a lone call and a crowd of them.
    private static func spec(_ version: Int, _ scenario: Scenario) -> String {
        let isGone = scenario == .delete && version == 2
        let name = scenario == .replace || scenario == .replaceCreatingFirst ? "-\(version)" : ""
        let lifecycle = "lifecycle: {create_before_destroy: \(scenario == .replaceCreatingFirst)}"
        return """
            resources:
              local_file.first:
                count: \(isGone ? 0 : 1)
                spec: {filename: out/a\(name), content: "version \(version)"}
                \(lifecycle)
              local_file.rest:
                for_each: '${toset(\(isGone ? "[]" : #"["b", "c", "d", "e", "f"]"#))}'
                spec: {filename: "out/${each.key}\(name)", content: "${local_file.first[0].content} of ${each.key}"}
                \(lifecycle)
            """
    }

    @Test(arguments: kills)
    func theNextApplyConvergesByItself(_ kill: Kill) async throws {
        let stack = try Stack()
        if kill.scenario != .create {
            try stack.write("main.yaml", Self.spec(1, kill.scenario))
            try await stack.apply()
        }
        try stack.write("main.yaml", Self.spec(2, kill.scenario))
        let killed = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": kill.fault])
        try #require(killed.signal == SIGKILL, "it was not killed: \(killed.output)\(killed.errors)")

        try await stack.apply()
        let isReplacement = kill.scenario == .replace || kill.scenario == .replaceCreatingFirst
        let files = kill.scenario == .delete ? [] : Self.keys.map { isReplacement ? "\($0)-2" : $0 }
        #expect(stack.list("out") == files)
        #expect(try await stack.recorded().count == files.count)
        for file in files { #expect(stack.read("out/\(file)")?.hasPrefix("version 2") == true) }
        try await stack.expectNoChanges()
    }

    @Test func theStoppedRunAndItsSettlingAreTold() async throws {
        let stack = try Stack(["main.yaml": Self.spec(1, .create)])
        _ = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": "after-call:1"])
        let plan = try await stack.plumb("plan", "--detailed-exitcode")
        #expect(plan.code == 2)
        #expect(plan.words.contains("An earlier run was interrupted:"))
        #expect(plan.words.contains("1 interrupted step to settle."))
        let applied = try await stack.apply()
        #expect(applied.words.contains("1 interrupted step settled."), "\(applied.output)")
    }

    @Test func aRunThatIsKilledAgainAndAgainStillGetsThere() async throws {
        let stack = try Stack(["main.yaml": Self.spec(1, .create)])
        for step in Self.steps + Self.steps.reversed() {
            _ = try await stack.plumb("apply", "--auto-approve", environment: ["PLUMB_FAULT": "\(step):1"])
        }
        try await stack.apply()
        #expect(stack.list("out") == Self.keys)
        #expect(try await stack.recorded().count == Self.keys.count)
        try await stack.expectNoChanges()
    }

    @Test func afterAKilledDestructionTheNextOneEnds() async throws {
        for step in Self.steps {
            let stack = try Stack(["main.yaml": Self.spec(1, .create)])
            try await stack.apply()
            let killed = try await stack.plumb("destroy", "--auto-approve", environment: ["PLUMB_FAULT": "\(step):3"])
            try #require(killed.signal == SIGKILL)
            let destroyed = try await stack.plumb("destroy", "--auto-approve")
            #expect(destroyed.code == 0, "\(destroyed.errors)")
            #expect(stack.list("out") == [])
            #expect(try await stack.recorded().isEmpty)
        }
    }
}
