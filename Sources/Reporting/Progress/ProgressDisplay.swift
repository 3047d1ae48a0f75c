import PlumbModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Takes in events at once and draws at its own pace, on a thread of its own, so that a slow or stopped terminal holds
/// up no step of a run.
final class ProgressDisplay: Sendable {
    /// Seconds between two drawings.
    static let interval = 0.08

    private struct Drawing {
        var region = LiveRegion()
        var isFinished = false
    }

    private let isInteractive: Bool
    private let start = ContinuousClock.now
    private let log: Mutex<ProgressLog>
    /// Held while the terminal is written to; never taken by `handle`.
    private let drawing = Mutex(Drawing())
    private let isDrawing = Atomic(false)
    private let size: @Sendable () -> TerminalSize?
    private let write: @Sendable (String) -> Void

    init(
        _ log: ProgressLog, size: @escaping @Sendable () -> TerminalSize?, write: @escaping @Sendable (String) -> Void
    ) {
        isInteractive = log.style.isInteractive
        self.log = Mutex(log)
        self.size = size
        self.write = write
    }

    private var now: Double {
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }

    func handle(_ event: RunEvent) {
        let now = now
        log.withLock { $0.handle(event, now: now) }
    }

    func note(_ text: String) {
        log.withLock { $0.note(text) }
    }

    /// Begins to draw, if it has not begun yet.
    func startDrawing() {
        guard !isDrawing.load(ordering: .relaxed),
            isDrawing.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
        else { return }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let status = pthread_create(&thread, nil, ProgressDisplay.body, box.toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            // Without a thread everything is written at the end.
            box.release()
        }
    }

    private static let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
        guard let box else { return nil }
        let display = Unmanaged<ProgressDisplay>.fromOpaque(box).takeRetainedValue()
        repeat { usleep(UInt32(interval * 1_000_000)) } while display.draw()
        return nil
    }

    /// False once the display is finished.
    private func draw() -> Bool {
        drawing.withLock { drawing in
            guard !drawing.isFinished else { return false }
            let now = now
            let size = isInteractive ? size() : nil
            let text = log.withLock { log in
                log.remind(now: now)
                return isInteractive ? drawing.region.redraw(&log, now: now, size: size) : log.takeLines()
            }
            if !text.isEmpty { write(text) }
            return true
        }
    }

    func finish() {
        drawing.withLock { drawing in
            guard !drawing.isFinished else { return }
            drawing.isFinished = true
            let size = isInteractive ? size() : nil
            let text = log.withLock { drawing.region.close(&$0, size: size) }
            if !text.isEmpty { write(text) }
        }
    }
}
