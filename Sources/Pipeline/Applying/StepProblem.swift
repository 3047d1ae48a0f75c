internal import PlumbModel
internal import ProviderAPI

/// Tells why a step failed: the one place where an applied resource's errors become diagnostics.
struct StepProblem {
    let work: StepWork
    let problem: StepReport.Problem
    let graph: ResourceGraph

    private var address: ResourceAddress { work.change.address }

    private var verb: String {
        switch work.step.kind {
        case .create: "create"
        case .update: "update"
        case .delete: "destroy"
        case .read: "read"
        case .forget: "forget"
        case .wait: "wait for"
        }
    }

    var diagnostic: Diagnostic {
        switch problem {
        case .provider(let error): provider(error)
        case .state(let error):
            make(
                "Cannot write state",
                "\(address): \(error.message) What the provider did is not recorded; the next run finds it out by itself."
            )
        case .notBegun(let error):
            make(
                "Cannot write state",
                "\(address): \(error.message) So that nothing is done that the state does not know, nothing was done.")
        case .differs(let attributes):
            make(
                "Provider differs from the plan",
                "The provider made \(address), but not as planned: \(attributes.joined(separator: "; ")). What it made is recorded. This "
                    + "is a defect of the provider or of its API file: where both mean the same, a rule of `normalise` says so."
            )
        case .timedOut(let seconds):
            make(
                "Timed out",
                "The call to \(verb) \(address) did not end within \(seconds.inSeconds) (`timeouts.\(work.step.kind)`). Whether it happened "
                    + "cannot be told now; the next run finds it out by itself.")
        case .notReady(let why):
            make(
                "Resource not ready",
                "\(address) was made and is recorded, but \(why). The next apply waits for it again before it goes on to "
                    + "what depends on it.")
        }
    }

    /// Whether the call was broken off because the whole run was.
    var isCancellation: Bool {
        if case .provider(let error) = problem { error.code == .cancelled } else { false }
    }

    /// One for all calls that were broken off; nil where none was. Which they were, the outcome lists.
    static func cancellation(of calls: [StepProblem]) -> Diagnostic? {
        guard let first = calls.first else { return nil }
        if calls.count == 1 {
            return first.make(
                "Call cancelled",
                "The call to \(first.verb) \(first.address) was cancelled. Whether it happened cannot be told now; the next "
                    + "run finds it out by itself.")
        }
        return .error(
            "Call cancelled",
            "\(calls.count) calls were cancelled. Whether they happened cannot be told now; the next run finds it out by "
                + "itself.")
    }

    private func provider(_ error: ProviderError) -> Diagnostic {
        let end =
            error.isOutcomeUnknown
            ? " Whether it happened cannot be told now; the next run finds it out by itself." : ""
        let partial =
            error.partial == nil ? "" : " What exists of it is recorded as tainted: the next apply replaces it."
        let message = "\(address): \(error.message)"
        let rest = end + partial
        // What a program or a server has said ends as it likes.
        let isSentence = rest.isEmpty || message.last.map { ".!?:\n".contains($0) } == true
        return make("Cannot \(verb) resource", message + (isSentence ? "" : ".") + rest)
            .passing(if: error.isUnreachable)
    }

    private func make(_ summary: String, _ detail: String) -> Diagnostic {
        let declaration = graph.declaration(at: address.resource).map { graph.declarations[$0] }
        return .error(summary, detail, address: address, at: declaration?.range(of: address.key))
    }
}

extension Double {
    /// A span of time as people write it: `6s`, `0.5s`.
    var inSeconds: String { (Int(exactly: self).map(String.init) ?? "\(self)") + "s" }
}
