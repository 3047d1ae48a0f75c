import PlumbModel
import Testing

@testable import Reconciling

/// Windows on the clocks of real places, over the nights in which those are set.
@Suite struct WindowTests {
    private static func seconds(_ text: String) throws -> Double {
        try #require(InstantText.seconds(parsing: text), "\(text)")
    }

    private static func window(
        _ schedule: String, hours: Double = 1, zone: String = "Europe/Berlin", allows: Bool = true,
        actions: Set<SyncWindow.Action> = Set(SyncWindow.Action.allCases)
    ) throws -> SyncWindow {
        SyncWindow(
            allows: allows, schedule: try CronSchedule(schedule), duration: hours * 3600, zone: zone,
            actions: actions)
    }

    /// In UTC: a time at which nothing is open, and the next opening.
    @Test(arguments: [
        // Winter: one hour ahead; summer: two.
        ("0 22 * * *", "2026-01-10T12:00:00Z", "2026-01-10T21:00:00Z"),
        ("0 22 * * *", "2026-07-10T12:00:00Z", "2026-07-10T20:00:00Z"),
        // 02:30 is skipped in the night to the 29th of March 2026: it comes an hour later, at 03:30.
        ("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
        // 02:30 comes twice in the night to the 25th of October 2026: the first one counts.
        ("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        // After the end of the tables: by the rule.
        ("0 12 * * *", "2087-07-01T00:00:00Z", "2087-07-01T10:00:00Z"),
        ("0 12 * * *", "2087-12-01T00:00:00Z", "2087-12-01T11:00:00Z"),
        // Either day is enough where both are given.
        ("0 0 13 * 5", "2026-11-07T12:00:00Z", "2026-11-12T23:00:00Z"),
        ("0 0 1 * 1", "2026-11-24T12:00:00Z", "2026-11-29T23:00:00Z"),
        ("0 6 29 2 *", "2026-11-21T12:00:00Z", "2028-02-29T05:00:00Z"),
        ("*/20 8-9 * jan mon-fri", "2026-11-21T12:00:00Z", "2027-01-01T07:00:00Z"),
    ]) func opensNext(_ schedule: String, _ now: String, _ expected: String) throws {
        let window = try Self.window(schedule)
        let opening = WindowCheck([window]).opening(of: window, after: Int(try Self.seconds(now)))
        #expect(opening == Int(try Self.seconds(expected)), "\(opening.map { InstantText.iso(Double($0)) } ?? "never")")
    }

    @Test func itStaysOpenForItsTimeOverMidnightAndOverTheSettingOfClocks() throws {
        let window = try Self.window("0 22 * * sat", hours: 8)
        let check = WindowCheck([window])
        // From 22:00 on the 28th of March: eight hours later clocks show 07:00.
        for (time, isOpen) in [
            ("2026-03-28T20:59:59Z", false), ("2026-03-28T21:00:00Z", true), ("2026-03-29T04:59:59Z", true),
            ("2026-03-29T05:00:00Z", false),
        ] {
            #expect((check.obstacle(to: [.create], at: try Self.seconds(time)) == nil) == isOpen, "\(time)")
        }
    }

    @Test func aDenyingWindowWinsAndOnlyItsActionsCount() throws {
        let allow = try Self.window("0 8 * * *", hours: 10, zone: "UTC")
        let deny = try Self.window("0 12 * * *", zone: "UTC", allows: false, actions: [.destroy])
        let check = WindowCheck([allow, deny])
        let noon = try Self.seconds("2026-11-21T12:30:00Z")
        #expect(check.obstacle(to: [.create, .update], at: noon) == nil)
        let obstacle = try #require(check.obstacle(to: [.create, .destroy], at: noon))
        #expect(obstacle.opensAt == (try Self.seconds("2026-11-21T13:00:00Z")))
        #expect(obstacle.reason.contains("forbids to destroy until"))
        #expect(check.obstacle(to: [], at: noon) == nil)
        #expect(check.obstacle(to: [.heal], at: try Self.seconds("2026-11-21T07:00:00Z")) != nil)
    }

    @Test func aZoneThatTheSystemDoesNotKnowOpensNothing() throws {
        let check = WindowCheck([try Self.window("* * * * *", zone: "Europe/Bärlin")])
        #expect(check.obstacle(to: [.create], at: 0)?.reason.contains("does not know the time zone") == true)
    }

    @Test(arguments: ["Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "America/Santiago"])
    func zonesGoBackAndForth(_ name: String) throws {
        let zone = try #require(TimeZoneRules.named(name))
        for time in stride(from: 1_700_000_000, to: 4_000_000_000, by: 8_640_000) {
            let local = time + zone.offset(at: time)
            let back = zone.time(ofLocal: local)
            #expect(back == time || back + zone.offset(at: back) == local, "\(name) \(time)")
        }
    }

    @Test(arguments: [
        ("", "0 fields"), ("* * * *", "4 fields"), ("60 * * * *", "the minute, \"60\", holds \"60\"; it takes 0 to 59"),
        ("* 24 * * *", "the hour"), ("* * 0 * *", "the day of the month"),
        ("5-1 * * * *", "goes backwards from 5 to 1"),
        ("*/0 * * * *", "a step \"0\""), ("0 0 31 2 *", "it never comes: month 2 has no day 31"),
        ("a * * * *", "the minute"),
        ("1,,2 * * * *", "lacks a number"), ("0 0 * * sunn", "the weekday, \"sunn\", holds \"sunn\""),
        ("0 0 * * sunn", "Did you mean \"sun\"?"), ("1/2/3 * * * *", "`/` too many"), ("1-2-3 * * * *", "`-` too many"),
        ("@dayly", "Did you mean \"@daily\"?"), ("@reboot", "none of the short forms"),
    ])
    func whatIsNoScheduleIsRefused(_ text: String, _ words: String) {
        do throws(CronSchedule.Malformed) {
            _ = try CronSchedule(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.reason.contains(words), "\(error.reason)")
        }
    }

    @Test(arguments: [
        ("@hourly", "2026-11-21T12:20:00Z", "2026-11-21T13:00:00Z"),
        ("@daily", "2026-11-21T12:20:00Z", "2026-11-22T00:00:00Z"),
        ("@Midnight", "2026-11-21T12:20:00Z", "2026-11-22T00:00:00Z"),
        ("@weekly", "2026-11-21T12:20:00Z", "2026-11-22T00:00:00Z"),
        ("@monthly", "2026-11-21T12:20:00Z", "2026-12-01T00:00:00Z"),
        ("@yearly", "2026-11-21T12:20:00Z", "2027-01-01T00:00:00Z"),
    ])
    func shortForms(_ text: String, _ now: String, _ next: String) throws {
        let window = try Self.window(text, zone: "UTC")
        let opening = WindowCheck([window]).opening(of: window, after: Int(try Self.seconds(now)))
        #expect(opening.map(Double.init) == (try Self.seconds(next)))
    }
}
