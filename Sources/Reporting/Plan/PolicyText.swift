import PlumbModel

/// Says in words what a policy says of a plan.
struct PolicyText {
    private let result: PolicyResult

    init(_ result: PolicyResult) { self.result = result }

    /// What came of it, in two or three words.
    var standing: String {
        switch result.status {
        case .pass: "holds"
        case .fail: result.effect == .deny ? "denied" : "warning"
        case .error: result.effect == .deny ? "denied (cannot be judged)" : "warning (cannot be judged)"
        case .unknown: result.effect == .deny ? "denied (known after apply)" : "warning (known after apply)"
        case .waived: "waived"
        }
    }

    /// `denied  no-destroys: A database goes.`, one for each thing that it has to say.
    var sentences: [String] {
        var sentences = result.problems.map { "\(standing)  \(result.name): \($0)" }
        if sentences.isEmpty { sentences = ["\(standing)  \(result.name)"] }
        switch result.status {
        case .waived(let names): sentences[sentences.count - 1] += " Waived by \(Wording.list(names, atMost: 5))."
        case .fail, .error, .unknown:
            guard !result.waivers.isEmpty else { break }
            sentences[sentences.count - 1] += " \(Wording.list(result.waivers, atMost: 5)) may waive it."
        case .pass: break
        }
        return sentences
    }
}
