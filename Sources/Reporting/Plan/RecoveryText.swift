import PlumbModel

/// Says in words what an interrupted run left open, and what becomes of it.
struct RecoveryText {
    let sentence: String
    let sign: String
    let paint: Paint

    init(_ recovery: PlannedRecovery) {
        let noun =
            switch recovery.action {
            case .create: "creation"
            case .update: "change"
            case .delete: "destruction"
            }
        switch recovery.finding {
        case .adopt:
            sign = "  *"
            paint = .green
            sentence = "its \(noun) had happened and will be recorded"
        case .conclude:
            sign = "  *"
            paint = .plain
            sentence =
                recovery.action == .delete
                ? "it is gone; its \(noun) will be recorded" : "its \(noun) had not happened; nothing is left of it"
        case .hold(let reason):
            sign = "  ?"
            paint = .yellow
            sentence = "held, because it cannot be told whether its \(noun) happened: \(reason)"
        }
    }
}
