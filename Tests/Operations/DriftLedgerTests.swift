import PlumbModel
import Testing

@testable import Operations

/// How records of drift go on from check to check.
struct DriftLedgerTests {
    private static let address = ResourceAddress("local_file", "a")

    private func check(
        _ old: [DriftRecord], at time: Double, _ live: Value?, runs: [RunRecord] = []
    ) throws -> DriftLedger.Update {
        let ledger = DriftLedger(now: time, runs: runs) { (value) throws(KeyError) in value.json }
        let found = live.map {
            DriftFinder.Found(
                address: Self.address, path: AttributePath("content"), expected: "ours", live: $0, declaredAt: nil)
        }
        return try ledger.update(old, with: found.map { [$0] } ?? []) { $0 == Self.address }
    }

    private func run(_ kind: String, at time: Double) -> RunRecord {
        RunRecord(id: "r", kind: kind, trigger: "cli", revision: nil, actor: "t", startedAt: time)
    }

    @Test func whatStaysKeepsItsBeginning() throws {
        let first = try check([], at: 10, "theirs").records
        let second = try check(first, at: 20, "theirs").records
        #expect(second.map(\.firstSeen) == [10] && second.map(\.lastSeen) == [20] && second.map(\.occurrences) == [1])
        let third = try check(second, at: 30, "others").records
        #expect(third.map(\.firstSeen) == [30] && third.map(\.occurrences) == [2])
    }

    @Test(arguments: [("heal", DriftRecord.Status.healed, 1), ("apply", .healed, 0), ("state mv", .gone, 0)])
    func whatEndsSaysHow(_ kind: String, _ status: DriftRecord.Status, _ heals: Int) throws {
        let first = try check([], at: 10, "theirs").records
        let update = try check(first, at: 20, nil, runs: [run(kind, at: 15)])
        #expect(update.ended.map(\.status) == [status])
        #expect(update.records.map(\.heals) == [heals])
        // A run before the drift was last seen has not ended it.
        #expect(try check(first, at: 20, nil, runs: [run(kind, at: 5)]).ended.map(\.status) == [.gone])
    }

    @Test func whatCouldNotBeLookedAtStaysAsItWas() throws {
        let first = try check([], at: 10, "theirs").records
        let ledger = DriftLedger(now: 20, runs: [run("heal", at: 15)]) { (value) throws(KeyError) in value.json }
        let update = try ledger.update(first, with: [], unseen: [Self.address]) { _ in true }
        #expect(update.records == first && update.ended.isEmpty)
    }

    @Test func whoHasWrittenIsRememberedAsLongAsTheValueIsThere() throws {
        func check(_ old: [DriftRecord], _ live: Value, _ writer: DriftAuthor?) throws -> DriftAuthor? {
            let ledger = DriftLedger(now: 20, runs: []) { (value) throws(KeyError) in value.json }
            let found = DriftFinder.Found(
                address: Self.address, path: AttributePath("content"), expected: "ours", live: live, declaredAt: nil,
                writer: writer)
            return try ledger.update(old, with: [found]) { _ in true }.records.first?.writer
        }
        var records = try self.check([], at: 10, "theirs").records
        #expect(try check(records, "theirs", DriftAuthor("a", at: 1)) == DriftAuthor("a", at: 1))
        records[0].writer = DriftAuthor("a", at: 1)
        #expect(try check(records, "theirs", nil) == DriftAuthor("a", at: 1))
        #expect(try check(records, "others", nil) == nil)
        #expect(try check(records, "others", DriftAuthor("b")) == DriftAuthor("b"))
    }

    @Test func anAcknowledgementEndsWithItsTime() throws {
        var records = try check([], at: 10, "theirs").records
        records[0].status = .acknowledged
        records[0].acknowledgedUntil = 100
        #expect(try check(records, at: 99, "theirs").records.map(\.status) == [.acknowledged])
        #expect(try check(records, at: 100, "theirs").records.map(\.status) == [.open])
    }

    @Test func aFightIsOverAfterADay() throws {
        var records = try check([], at: 10, "theirs").records
        records[0].status = .healed
        records[0].heals = 3
        #expect(try check(records, at: 20, "theirs").records.map(\.status) == [.contended])
        #expect(try check(records, at: 90_000, "theirs").records.map(\.status) == [.open])
        #expect(try check(records, at: 20, "others").records.map(\.status) == [.open])
    }

    @Test func oldEndsAndForgottenResourcesLeaveNoRecord() throws {
        var records = try check([], at: 10, "theirs").records
        records[0].status = .gone
        #expect(try check(records, at: 20, nil).records.count == 1)
        #expect(try check(records, at: 31 * 86_400, nil).records.isEmpty)
        records[0].address = ResourceAddress("local_file", "other")
        #expect(try check(records, at: 20, nil).records.isEmpty)
    }

    @Test func pathsAreTheInnermostOnes() {
        let old: Value = ["a": ["b": 1, "c": ["x"]], "d": Value.object(["e": 1]).sensitive()]
        let new: Value = ["a": ["b": 2, "c": ["y", "z"], "f": 3], "d": Value.object(["e": 2]).sensitive()]
        #expect(
            old.differingPaths(new, at: AttributePath()).map(\.description) == ["a.b", "a.c", "a.f", "d"])
    }

    @Test func timesAreReadAndWritten() {
        #expect(InstantText.iso(1_795_273_445) == "2026-11-21T15:04:05Z")
        #expect(InstantText.seconds(parsing: "2026-11-21T15:04:05Z") == 1_795_273_445)
        #expect(InstantText.seconds(parsing: "2026-11-21 15:04") == 1_795_273_440)
        #expect(InstantText.seconds(parsing: "2024-02-29") == 1_709_164_800)
        for text in [
            "2026-11-21 15:04:05 UTC", "2026-11-21 15:04:05", "2026-11-21 15:04:05 +0000", "2026-11-21 16:34:05 +0130",
            "2026-11-21T10:04:05-05:00", "2026-11-22 00:04:05 +0900", "2026-11-21 15:04:05 GMT",
        ] { #expect(InstantText.seconds(parsing: text) == 1_795_273_445, "\(text)") }
        #expect(InstantText.seconds(parsing: InstantText.utc(1_795_273_445)) == 1_795_273_440)
        for text in [
            "2026-02-29", "soon", "", "UTC", "2026-11-21 15:04:05 +2500", "2026-11-21 15:04:05 +1", "15:04 UTC",
        ] {
            #expect(InstantText.seconds(parsing: text) == nil, "\(text)")
        }
    }
}
