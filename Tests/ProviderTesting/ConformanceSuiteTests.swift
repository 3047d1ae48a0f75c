import PlumbModel
import ProviderAPI
import ProviderTesting
import Testing

/// The suite finds each planted defect by the check that is meant for it, and none where none is.
@Suite struct ConformanceSuiteTests {
    private static let sound = suite(nil)

    private static func suite(_ defect: Defect?) -> ProviderConformance {
        let shelf = Shelf()
        @Sendable func id(_ state: ResourceState) -> String { state.values[key: "id"]?.asString ?? "" }
        return ProviderConformance(
            type: "shelf_thing", instance: { BrokenInstance(shelf: shelf, defect: defect) },
            declared: { ["name": .string($0)] }, inPlace: { ["name": .string($0), "size": 5] },
            replacement: { ["name": .string($0 + "x")] },
            drifts: [
                Drift("somebody resizes it") { shelf[id($0)]?.size = 40 },
                Drift("somebody takes it away") { shelf[id($0)] = nil },
            ],
            exists: { shelf[id($0)] != nil }, importID: { $0.values[key: "name"]?.asString ?? "" },
            faulty: { BrokenInstance(shelf: shelf, defect: defect, fault: $0) })
    }

    @Test(arguments: sound.checks) func soundProviderPasses(_ check: ConformanceCheck) async throws {
        try await ConformanceSuiteTests.sound.run(check)
    }

    @Test func everythingIsCheckedWhereEverythingIsGiven() {
        #expect(ConformanceSuiteTests.sound.checks == ConformanceCheck.allCases)
    }

    @Test func everyCheckHasADefectToCatch() {
        #expect(Set(Defect.allCases.map(\.caughtBy)) == Set(ConformanceCheck.allCases))
    }

    @Test(arguments: Defect.allCases) func defectIsCaught(_ defect: Defect) async throws {
        let suite = ConformanceSuiteTests.suite(defect)
        await #expect(throws: (any Error).self, "\(defect) passes \"\(defect.caughtBy)\"") {
            try await suite.run(defect.caughtBy)
        }
    }

    @Test func failureSaysWhatWasExpected() async {
        let suite = ConformanceSuiteTests.suite(.keepsOnDelete)
        do {
            try await suite.run(.deletes)
            Issue.record("passed")
        } catch let failure as ConformanceFailure {
            #expect(failure.check == .deletes)
            #expect(failure.description.contains("does not have the resource"))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func unknownTypeIsNamed() async {
        let suite = ProviderConformance(
            type: "shelf_thin", instance: { BrokenInstance(shelf: Shelf()) }, declared: { _ in [:] })
        await #expect(throws: ConformanceFailure.self) { try await suite.run(.deletes) }
    }
}
