import FoundationEssentials
import GitFixtures
import PlumbModel
import PullRequests
import Testing

/// What is kept of a pull request between plan and apply.
struct PlanShelfTests {
    private static let record = PullRequestRecord(
        number: 7, head: "abc", base: "def", plannedAt: 1, previousHead: "old", noLongerAffected: ["gone"],
        stacks: [
            PullRequestRecord.Stack(
                name: "web", folder: "stacks/web", standing: .added, digest: "123", counts: .init(), verdict: .changes,
                after: ["net"], reading: SourceReading(files: ["main.yaml"]),
                movement: .changed(PlanDelta(added: [ResourceAddress("local_file", "a")])))
        ])

    @Test func theRecordIsReadAsItWasKept() async throws {
        let folder = try TemporaryRepository()
        let shelf = PlanShelf(folder.path + "/a/b")
        #expect(try await shelf.record() == nil)
        try await shelf.keep(Self.record)
        #expect(try await shelf.record() == Self.record)
        await shelf.removeAll()
        #expect(try await shelf.record() == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/a/b"))
    }

    @Test(arguments: ["{", "{}", "{\"format\": 99}"])
    func aRecordThatIsNoneIsSaid(_ text: String) async throws {
        let folder = try TemporaryRepository()
        try folder.write("pull-request.json", text)
        await #expect {
            try await PlanShelf(folder.path).record()
        } throws: {
            ($0 as? Diagnostics)?.all.first?.summary == "Record of a pull request cannot be used"
        }
    }

    @Test func theVerdictIsThatOfTheWorst() {
        var record = Self.record
        #expect(record.verdict == .changes)
        record.stacks.append(record.stacks[0])
        record.stacks[1].verdict = .denied
        #expect(record.verdict == .denied)
        record.stacks[0].verdict = .failed
        #expect(record.verdict == .failed)
        record.stacks = []
        #expect(record.verdict == .unchanged)
    }
}
