public import PlumbModel

/// Shows how a run goes on, on the standard error: in a terminal a line for each running step and a bar, in a log a line
/// for each step that ends.
///
/// Events may come from any thread; taking one in never waits for the terminal.
public final class ProgressReport: Sendable {
    /// Nil when quiet.
    private let display: ProgressDisplay?

    /// `total`: how many steps the run has; `mode`: of the plan that is carried out.
    public init(console: Console, total: Int, mode: Plan.Mode = .normal) {
        guard !console.isQuiet else {
            display = nil
            return
        }
        display = ProgressDisplay(
            ProgressLog(style: console.error, total: total, doing: mode == .destroy ? "destroying" : "applying"),
            size: { TerminalSize.current(.error) },
            write: { console.writeError($0) })
    }

    deinit { display?.finish() }

    public func handle(_ event: RunEvent) {
        guard let display else { return }
        display.handle(event)
        display.startDrawing()
    }

    /// Writes a line among those of the run without tearing them.
    public func note(_ text: String) {
        display?.note(text)
        display?.startDrawing()
    }

    /// Takes the live lines away and writes what has not been written yet. Nothing is shown afterwards.
    public func finish() {
        display?.finish()
    }
}
