import PlumbModel
import StateBackendAPI
import Testing

@testable import Operations

/// Which point of a state's history a text names.
struct StateTimelineTests {
    private func timeline(_ runs: String...) -> StateTimeline {
        StateTimeline(
            StateContents(
                stack: "s", lineage: "l", generation: 12, revision: nil, resources: [], outputs: [], openIntents: [],
                history: [],
                runs: runs.map {
                    RunRecord(id: $0, kind: "apply", trigger: "cli", revision: nil, actor: "a", startedAt: 0)
                }))
    }

    @Test func aNumberIsAGenerationBeforeItIsARun() throws {
        #expect(try timeline("00000007-aa").generation("7") == 7)
        #expect(try timeline("12aa").generation("12") == 12)
    }

    /// One id in fifty begins with eight decimal digits.
    @Test func digitsBeyondTheLastGenerationNameARun() throws {
        #expect(try timeline("48213377-aa").generation("48213377") == 0)
    }

    @Test(arguments: ["13", "48213378", "-1"])
    func neitherIsRefused(_ text: String) {
        let error = #expect(throws: Diagnostics.self) { try timeline("48213377-aa").generation(text) }
        #expect(error?.all.first?.detail == "The state has the generations 0 to 12; there is no \(text).")
    }
}
