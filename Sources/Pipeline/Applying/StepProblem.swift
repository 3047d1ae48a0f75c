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
                "The provider made \(address), but not as planned: \(attributes.map { "\"\($0)\"" }.joined(separator: ", ")) "
                    + "came out differently. What it made is recorded. This is a defect of the provider or of its API file."
            )
        case .timedOut(let seconds):
            make(
                "Timed out",
                "The call to \(verb) \(address) did not end within \(seconds) s (`timeouts.\(verb)`). Whether it happened "
                    + "cannot be told now; the next run finds it out by itself.")
        case .notReady(let why):
            make(
                "Resource not ready",
                "\(address) was made and is recorded, but \(why). The next apply waits for it again before it goes on to "
                    + "what depends on it.")
        }
    }

    private func provider(_ error: ProviderError) -> Diagnostic {
        if error.code == .cancelled {
            return make(
                "Call cancelled",
                "The call to \(verb) \(address) was cancelled. Whether it happened cannot be told now; the next run finds it "
                    + "out by itself.")
        }
        let end =
            error.isOutcomeUnknown
            ? " Whether it happened cannot be told now; the next run finds it out by itself." : ""
        let partial =
            error.partial == nil ? "" : " What exists of it is recorded as tainted: the next apply replaces it."
        return make("Cannot \(verb) resource", "\(address): \(error.message)\(end)\(partial)")
    }

    private func make(_ summary: String, _ detail: String) -> Diagnostic {
        let declaration = graph.declaration(at: address.resource).map { graph.declarations[$0] }
        return .error(summary, detail, address: address, at: declaration?.range)
    }
}
