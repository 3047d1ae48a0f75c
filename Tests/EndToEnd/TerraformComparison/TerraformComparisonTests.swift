import Foundation
import PlumbModel
import Testing

/// The same configurations, written for Terraform and for Plumbline, give the same plans. Where Terraform is installed it
/// is asked; elsewhere its recorded answers stand for it. `RECORD=1` records them anew.
struct TerraformComparisonTests {
    private static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

    @Test(arguments: ComparisonCase.all)
    func bothPlanTheSame(_ one: ComparisonCase) async throws {
        let terraform = try await answers(one)
        guard ComparisonCase.waiting.contains(one.name) else { return try await compare(one, terraform) }
        await withKnownIssue("Plumbline has no such thing yet") { try await compare(one, terraform) }
    }

    private func compare(_ one: ComparisonCase, _ terraform: Value) async throws {
        let plumb = try await PlumbRun.digests(of: one)
        var differences: [String] = []
        for (index, (left, right)) in zip(terraform.asList ?? [], plumb.asList ?? []).enumerated() {
            differences += PlanDigest.differences(left, right).map { "step \(index + 1) \($0)" }
        }
        let unexpected = differences.filter { !one.knownDifferences.contains($0) }
        #expect(unexpected.isEmpty, "\(one.name):\n\(unexpected.joined(separator: "\n"))")
        let vanished = one.knownDifferences.subtracting(differences)
        #expect(vanished.isEmpty, "\(one.name): no longer different; take these lines out of `differences`")
    }

    private func answers(_ one: ComparisonCase) async throws -> Value {
        guard TerraformRun.isInstalled else { return try recorded(one) }
        let live = try await TerraformRun.digests(of: one)
        if Self.isRecording {
            let object = try JSONSerialization.jsonObject(with: Data(live.json.utf8))
            let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try JSONSerialization.data(withJSONObject: object, options: options).write(to: one.recording)
            Issue.record("recorded \(one.name); run again without RECORD")
        } else {
            let differences = PlanDigest.differences(.object(["": live]), .object(["": try recorded(one)]))
            #expect(differences.isEmpty, "the recording of \(one.name) is not what Terraform says now")
        }
        return live
    }

    private func recorded(_ one: ComparisonCase) throws -> Value {
        try Value(json: try String(contentsOf: one.recording, encoding: .utf8))
    }

    @Test func thereAreEnoughCases() {
        #expect(ComparisonCase.all.count >= 40 || ProcessInfo.processInfo.environment["CASES"] != nil)
        let unknown = ComparisonCase.waiting.subtracting(ComparisonCase.all.map(\.name))
        #expect(unknown.isEmpty || ProcessInfo.processInfo.environment["CASES"] != nil)
    }
}
