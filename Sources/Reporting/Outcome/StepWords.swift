import PlumbModel

/// The words for one kind of step: what it is doing, what it has done, what it is.
struct StepWords {
    let doing: String
    let done: String
    let noun: String
    let sign: String
    let paint: Paint

    init(_ kind: PlannedStep.Kind) {
        switch kind {
        case .create: self.init("creating", "created", "creation", "+", .green)
        case .update: self.init("changing", "changed", "change", "~", .yellow)
        case .delete: self.init("destroying", "destroyed", "destruction", "-", .red)
        case .read: self.init("reading", "read", "read", "<", .cyan)
        case .wait: self.init("waiting for", "ready", "wait", "…", .cyan)
        case .forget: self.init("forgetting", "forgotten", "forgetting", ".", .plain)
        }
    }

    private init(_ doing: String, _ done: String, _ noun: String, _ sign: String, _ paint: Paint) {
        self.doing = doing
        self.done = done
        self.noun = noun
        self.sign = sign
        self.paint = paint
    }
}
