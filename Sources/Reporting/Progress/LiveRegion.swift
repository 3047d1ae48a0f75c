import PlumbModel

/// The last lines of the terminal, drawn again and again while a run goes on: running steps and a bar.
struct LiveRegion {
    /// More running steps than this are told by their number.
    static let stepLimit = 12

    /// Columns of each line that stands on the screen now.
    private var drawn: [Int] = []

    /// The text that takes the region away, writes the final lines above it, and draws it anew.
    ///
    /// `now`: seconds since the run began. A terminal that does not tell its size is taken for 24 by 80.
    mutating func redraw(_ log: inout ProgressLog, now: Double, size: TerminalSize?) -> String {
        let size = size ?? TerminalSize(rows: 24, columns: 80)
        var text = erase(size)
        text += log.takeLines()
        for line in lines(log, now: now, size: size) {
            text += line.text + "\n"
            drawn.append(line.column)
        }
        return text
    }

    /// The text that takes the region away and writes the final lines; the cursor stands in an empty line.
    mutating func close(_ log: inout ProgressLog, size: TerminalSize?) -> String {
        erase(size ?? TerminalSize(rows: 24, columns: 80)) + log.takeLines()
    }

    private mutating func erase(_ size: TerminalSize) -> String {
        guard !drawn.isEmpty else { return "" }
        // A terminal that has become narrower has folded the lines.
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + size.columns - 1) / max(1, size.columns)) }
        drawn = []
        return "\u{1B}[\(min(rows, size.rows - 1))A\r\u{1B}[J"
    }

    private func lines(_ log: ProgressLog, now: Double, size: TerminalSize) -> [Canvas] {
        // The last column stays free: some terminals fold a line that fills it.
        var style = log.style
        style.width = size.columns - 1
        let limit = max(0, min(LiveRegion.stepLimit, size.rows - 4))
        let shown = log.running.count > limit ? max(0, limit - 1) : log.running.count
        var lines = log.running.prefix(shown).map { stepLine($0, now: now, style) }
        if shown < log.running.count {
            var line = Canvas(style)
            line.write("  … and \(log.running.count - shown) more", .dim)
            lines.append(line)
        }
        if let bar = bar(log, now: now, style) { lines.append(bar) }
        return lines
    }

    private func stepLine(_ step: ProgressLog.RunningStep, now: Double, _ style: TerminalStyle) -> Canvas {
        let words = StepWords(step.kind)
        let waiting = step.waitingFor.map { ", \($0)" } ?? ""
        let state = "  \(words.doing) \(Wording.duration(now - step.startedAt))"
        var line = Canvas(style)
        line.write(words.sign, words.paint)
        line.spaces(1)
        let address = VisibleText.escape(step.address)
        line.write(TextWidth.clipMiddle(address, to: max(8, style.width - 2 - state.utf8.count)))
        line.write(TextWidth.clip(VisibleText.escape(state + waiting), to: max(1, style.width - line.column)), .dim)
        return line
    }

    private func bar(_ log: ProgressLog, now: Double, _ style: TerminalStyle) -> Canvas? {
        let (done, total, label) =
            log.refreshing.map { ($0.done, $0.total, "reading live values") }
            ?? (log.finishedCount, log.attemptedTotal, log.cancelStage > 0 ? "stopping" : log.doing)
        guard total > 0 else { return nil }
        var line = Canvas(style)
        let failed = log.failedCount > 0 ? ", \(log.failedCount) failed" : ""
        let counts = " \(done)/\(total) \(label)\(failed)  \(Wording.clock(now))"
        let room = max(4, min(40, style.width - counts.utf8.count - 2))
        let filled = min(room, room * done / total)
        let head = filled < room ? 1 : 0
        line.write("[", .dim)
        line.write(String(repeating: "=", count: filled) + (head == 1 ? ">" : ""), failed.isEmpty ? .green : .yellow)
        line.spaces(room - filled - head)
        line.write("]", .dim)
        line.write(TextWidth.clip(counts, to: max(1, style.width - line.column)))
        return line
    }
}
