import PlumbModel
import Synchronization
import Testing

@testable import Reporting

@Suite struct ProgressTests {
    private static let record = ResourceAddress("dns_record", "www")
    private static let zone = ResourceAddress("powerdns_zone", "a")

    /// A run with everything that can happen in it, as pairs of a time and an event.
    private static let events: [(Double, RunEvent)] = [
        (0.1, .refreshing(done: 1, total: 2)), (0.2, .refreshing(done: 2, total: 2)),
        (
            0.3,
            .recovering(
                PlannedRecovery(intent: "1", address: zone, action: .create, finding: .conclude))
        ),
        (0.4, .stepStarted(index: 0, step(.create), zone)),
        (0.6, .stepFinished(index: 0, step(.create), zone, .done, seconds: 0.2)),
        (1.0, .stepStarted(index: 1, step(.update), record)), (1.0, .stepStarted(index: 2, step(.delete), zone)),
        (2.5, .stepWaiting(index: 1, record, "2 of 3 servers have it")),
        (3.0, .stepWaiting(index: 1, record, "2 of 3 servers have it")),
        (40.0, .cancelling(stage: 1)), (41.0, .cancelling(stage: 2)),
        (62.0, .stepFinished(index: 1, step(.update), record, .failed, seconds: 61)),
        (63.0, .stepFinished(index: 2, step(.delete), zone, .open, seconds: 62)),
        (63.0, .stepFinished(index: 3, step(.delete), zone, .skipped, seconds: 0)),
    ]

    private static func step(_ kind: PlannedStep.Kind) -> PlannedStep { PlannedStep(change: 0, kind: kind, after: []) }

    @Test func logHasLineForEachEvent() throws {
        var log = ProgressLog(style: .plain, total: 4)
        var text = ""
        var now = 0.0
        for (time, event) in ProgressTests.events {
            while now < time {
                log.remind(now: now)
                now += 0.1
            }
            log.handle(event, now: time)
            text += log.takeLines()
        }
        try GoldenFile.expect(text, equals: "progress/log")
    }

    @Test func terminalKeepsLiveLinesBelowFinalOnes() throws {
        var log = ProgressLog(style: .narrow, total: 4)
        var region = LiveRegion()
        let size = TerminalSize(rows: 24, columns: 80)
        var text = ""
        for (time, event) in ProgressTests.events {
            log.handle(event, now: time)
            text += "--- \(time)\n" + region.redraw(&log, now: time, size: size)
        }
        text += "--- end\n" + region.close(&log, size: size)
        try GoldenFile.expect(text, equals: "progress/terminal")
    }

    @Test func liveLinesFitTheScreen() {
        var log = ProgressLog(style: .narrow, total: 100)
        for index in 0..<50 {
            let address = ResourceAddress("vm", "node", key: .name(String(repeating: "長い名前", count: 20) + "\(index)"))
            log.handle(.stepStarted(index: index, ProgressTests.step(.create), address), now: 0)
        }
        var region = LiveRegion()
        let text = region.redraw(&log, now: 1, size: TerminalSize(rows: 10, columns: 60))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines.allSatisfy { TextWidth.columns(of: $0) < 60 })
        #expect(text.contains("… and 45 more"))
        // What tells them apart stands at their ends.
        for index in 0..<5 { #expect(text.contains("\(index)\"]  creating 1.0s")) }
    }

    @Test func takesThousandsOfStepsAtOnce() {
        let written = Mutex("")
        let display = ProgressDisplay(
            ProgressLog(style: .plain, total: 5000), size: { nil }, write: { text in written.withLock { $0 += text } })
        for index in 0..<5000 {
            let address = ResourceAddress("vm", "node", key: .index(index))
            display.handle(.stepStarted(index: index, ProgressTests.step(.create), address))
            display.startDrawing()
            display.handle(.stepFinished(index: index, ProgressTests.step(.create), address, .done, seconds: 0.01))
        }
        display.finish()
        let lines = written.withLock { $0 }.split(separator: "\n")
        #expect(lines.count == 5000)
        #expect(lines.last?.hasSuffix("] vm.node[4999]: created in 0.0s") == true)
    }

    @Test func writesNothingAfterItsEnd() async throws {
        let written = Mutex("")
        let display = ProgressDisplay(
            ProgressLog(style: .narrow, total: 1), size: { TerminalSize(rows: 24, columns: 80) },
            write: { text in written.withLock { $0 += text } })
        display.handle(.stepStarted(index: 0, ProgressTests.step(.create), ProgressTests.zone))
        display.startDrawing()
        try await Task.sleep(for: .milliseconds(200))
        #expect(written.withLock { $0 }.contains("creating"))
        display.finish()
        let ended = written.withLock { $0 }
        #expect(ended.hasSuffix("\u{1B}[J"))
        try await Task.sleep(for: .milliseconds(200))
        #expect(written.withLock { $0 } == ended)
    }
}
