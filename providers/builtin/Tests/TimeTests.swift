import PlumbModel
import ProviderAPI
import Testing

@testable import BuiltinProvider

/// Moments, periods, and what falls due.
@Suite struct TimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] as [(Int64, String)]) func textAndMomentAgree(_ unix: Int64, _ text: String)
    {
        #expect(Timestamp(unix: unix).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.unix == unix)
    }

    @Test func everyDayOfFourCenturiesRoundTrips() {
        for day in Int64(0)..<146_097 {
            let moment = Timestamp(unix: day * 86_400 + 3)
            #expect(CivilTime(moment).timestamp == moment)
        }
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "", "x",
        "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
    ]) func wrongTextIsNoMoment(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func offsetsAndFractionsAreRead() {
        #expect(Timestamp(rfc3339: "2026-01-01T02:30:00.25+02:30")?.rfc3339 == "2026-01-01T00:00:00Z")
        #expect(Timestamp(rfc3339: "2025-12-31t19:00:00-05:00")?.rfc3339 == "2026-01-01T00:00:00Z")
    }

    @Test func monthsEndOnTheLastDay() {
        let start = Timestamp(rfc3339: "2024-01-31T10:00:00Z")
        #expect(start?.adding(months: 1)?.rfc3339 == "2024-02-29T10:00:00Z")
        #expect(start?.adding(months: 13)?.rfc3339 == "2025-02-28T10:00:00Z")
        #expect(start?.adding(months: 12 * 9000) == nil)
    }

    @Test func rotationReplacesWhenItIsDue() async throws {
        let start: Int64 = 1_800_000_000
        let declared: Value = ["rotation_days": 30, "rotation_hours": 1]
        let prior = try await Playground(clock: Clock { Timestamp(unix: start) }).create("time_rotating", declared)
        #expect(prior.values.attribute("unix").asInt == Int(start))
        let period: Int64 = 30 * 86_400 + 3600
        for (later, isDue) in [(0, false), (period - 1, false), (period, true), (period * 9, true)] as [(Int64, Bool)] {
            let playground = try Playground(clock: Clock { Timestamp(unix: start + later) })
            let plan = try await playground.plan("time_rotating", declared, prior: prior)
            #expect(plan.replacePaths.isEmpty != isDue)
            if !isDue { #expect(plan.planned == prior.values) }
        }
    }

    @Test func fixedEndReplacesOnce() async throws {
        let end = "2027-01-15T08:00:00Z"
        let declared: Value = ["rotation_rfc3339": .string(end)]
        let before = try await Playground(clock: Clock { Timestamp(unix: 1_700_000_000) })
            .create("time_rotating", declared)
        let playground = try Playground(clock: Clock { Timestamp(unix: 1_900_000_000) })
        #expect(try await playground.plan("time_rotating", declared, prior: before).replacePaths.count == 1)
        let after = try await playground.create("time_rotating", declared)
        #expect(try await playground.plan("time_rotating", declared, prior: after).replacePaths.isEmpty)
    }

    @Test func sleepWaitsAndCanBeCancelled() async throws {
        let playground = try Playground()
        let clock = ContinuousClock()
        let time = try await clock.measure {
            _ = try await playground.create("time_sleep", ["create_duration": "120ms"])
        }
        #expect(time >= .milliseconds(120))
        let task = Task { try await playground.create("time_sleep", ["create_duration": "1h"]) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        let error = try await providerError { try await task.value }
        #expect(error.code == .cancelled)
    }
}
