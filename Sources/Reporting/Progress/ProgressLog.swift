import PlumbModel

/// What is known of a run that goes on: the lines that are yet to be written, and the steps that are under way.
struct ProgressLog {
    struct RunningStep {
        let index: Int
        let kind: PlannedStep.Kind
        let address: String
        let startedAt: Double
        var waitingFor: String?
        /// When a log last had a line about it; nil before its first.
        var toldAt: Double?
    }

    /// Steps that end sooner have no line for their start.
    static let quickStep = 1.0
    /// A log says this often that a step still goes on.
    static let reminder = 30.0

    let style: TerminalStyle
    /// `applying`
    let doing: String
    private let total: Int
    private(set) var running: [RunningStep] = []
    private(set) var finishedCount = 0
    private(set) var failedCount = 0
    private var skippedCount = 0
    private(set) var refreshing: (done: Int, total: Int)?
    private(set) var cancelStage = 0
    private var lines: Canvas

    init(style: TerminalStyle, total: Int, doing: String = "applying") {
        self.style = style
        self.total = total
        self.doing = doing
        lines = Canvas(style)
    }

    /// The steps that have been tried or will be: what a failure or a stop leaves out is not among them.
    var attemptedTotal: Int { total - skippedCount }

    /// The lines since the last time; they are final and scroll away.
    mutating func takeLines() -> String { lines.take() }

    /// `now`: seconds since the run began.
    mutating func handle(_ event: RunEvent, now: Double) {
        switch event {
        case .refreshing(let done, let total): refresh(done, total, now)
        case .recovering(let recovery):
            write("  *", .cyan, recovery.address.description, RecoveryText(recovery).sentence, now)
        case .stepStarted(let index, let step, let address):
            running.append(
                RunningStep(index: index, kind: step.kind, address: address.description, startedAt: now))
        case .stepWaiting(let index, _, let text): wait(index, text, now)
        case .stepFinished(let index, let step, let address, let result, let seconds):
            if let place = running.firstIndex(where: { $0.index == index }) { running.remove(at: place) }
            finish(step, address, result, seconds, now)
        case .cancelling(let stage): cancel(stage, now)
        }
    }

    mutating func note(_ text: String) {
        lines.paragraph(text, indent: 0)
    }

    /// Tells a log of the steps that have been under way for long.
    mutating func remind(now: Double) {
        guard !style.isInteractive else { return }
        for place in running.indices {
            let step = running[place]
            let elapsed = now - step.startedAt
            let doing = StepWords(step.kind).doing
            if step.toldAt == nil, elapsed >= ProgressLog.quickStep {
                write("", .plain, step.address, doing, now)
            } else if let toldAt = step.toldAt, now - toldAt >= ProgressLog.reminder {
                write("", .plain, step.address, "still \(doing) after \(Wording.duration(elapsed))", now)
            } else {
                continue
            }
            running[place].toldAt = now
        }
    }

    private mutating func refresh(_ done: Int, _ total: Int, _ now: Double) {
        refreshing = done < total ? (done, total) : nil
        guard done >= total, total > 0, !style.isInteractive else { return }
        beginLine(now)
        lines.write("read the live values of \(Wording.count(total, "resource"))")
        lines.newline()
    }

    private mutating func wait(_ index: Int, _ text: String, _ now: Double) {
        guard let place = running.firstIndex(where: { $0.index == index }), running[place].waitingFor != text else {
            return
        }
        running[place].waitingFor = text
        guard !style.isInteractive else { return }
        let doing = StepWords(running[place].kind).doing
        write("", .plain, running[place].address, "\(doing), waiting: \(text)", now)
        running[place].toldAt = now
    }

    private mutating func finish(
        _ step: PlannedStep, _ address: ResourceAddress, _ result: Outcome.Result, _ seconds: Double, _ now: Double
    ) {
        // One failure can skip thousands; the outcome tells them.
        if result == .skipped {
            skippedCount += 1
            return
        }
        finishedCount += 1
        let words = StepWords(step.kind)
        let time = Wording.duration(seconds)
        switch result {
        case .done: write(words.sign, words.paint, address.description, "\(words.done) in \(time)", now)
        case .failed:
            failedCount += 1
            write("x", .boldRed, address.description, "\(words.noun) failed after \(time)", now)
        case .open:
            failedCount += 1
            write(
                "?", .boldYellow, address.description,
                "not known whether its \(words.noun) happened, after \(time)", now)
        case .skipped: break
        }
    }

    private mutating func cancel(_ stage: Int, _ now: Double) {
        guard stage > cancelStage else { return }
        cancelStage = stage
        beginLine(now)
        lines.write(
            stage == 1
                ? "Stopping: what runs is finished, nothing new is begun. Press Ctrl-C again to break it off."
                : "Breaking off: what became of the steps under way is found out by the next run.", .boldYellow)
        lines.newline()
    }

    private mutating func beginLine(_ now: Double) {
        if !style.isInteractive { lines.write("[\(Wording.clock(now))] ", .dim) }
    }

    private mutating func write(_ sign: String, _ paint: Paint, _ address: String, _ text: String, _ now: Double) {
        if style.isInteractive {
            lines.write(sign, paint)
            lines.spaces(1)
            lines.write(address, .bold)
            lines.write("  \(text)")
        } else {
            lines.write("[\(Wording.clock(now))] ", .dim)
            lines.write(address)
            lines.write(": \(text)")
        }
        lines.newline()
    }
}
