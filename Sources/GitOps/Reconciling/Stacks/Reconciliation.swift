internal import PlumbModel

/// What one reconciliation of a stack came to, with a sentence for people.
enum Reconciliation: Sendable {
    /// The newest revision is applied, and nothing has drifted that is to be healed.
    case converged(String)
    /// Something else has to happen first. It is looked at again at that time (seconds since 1970), or when it happens.
    case waiting(String, until: Double? = nil)
    /// It is tried again, with growing pauses.
    case failed(String)
    /// A person has to decide.
    case halted(String)

    var phase: StackStatus.Phase {
        switch self {
        case .converged: .converged
        case .waiting: .waiting
        case .failed: .failed
        case .halted: .halted
        }
    }

    var reason: String {
        switch self {
        case .converged(let text), .waiting(let text, _), .failed(let text), .halted(let text): text
        }
    }

    /// What went wrong, as an outcome: what passes by itself is waited for.
    init(_ problems: Diagnostics, while doing: String) {
        let errors = problems.all.filter { $0.severity == .error }
        let text = problems.sentence(while: doing)
        self = !errors.isEmpty && errors.allSatisfy(\.isPassing) ? .waiting(text) : .failed(text)
    }
}

extension Diagnostics {
    /// The first error, with its place, and how many more there are.
    func sentence(while doing: String) -> String {
        let errors = all.filter { $0.severity == .error }
        guard let first = errors.first ?? all.first else { return doing }
        let place = first.source.map { " (\($0))" } ?? ""
        let more = errors.count > 1 ? " And \(errors.count - 1) more." : ""
        return "\(doing): \(first.summary): \(first.detail)\(place)\(more)"
    }
}
