internal import PlumbModel

/// What a controller counts of its own work, for Prometheus.
///
/// There are as many series as there are stacks and repositories, times a number that does not grow: nothing that comes from
/// outside, such as a reason or a commit, is a label.
struct Counts: Sendable {
    private struct Polls {
        var all = 0
        var failures = 0
    }

    var notices = 0
    /// By the names of repositories.
    private var polls: [String: Polls] = [:]
    private var pollSeconds = DurationHistogram()
    private var reconciliations: [StackStatus.Phase: Int] = [:]
    private var seconds = DurationHistogram()
    private var healed = 0

    mutating func count(_ result: StackJobResult, seconds: Double) {
        reconciliations[result.outcome.phase, default: 0] += 1
        self.seconds.observe(seconds)
        healed += result.healed
    }

    mutating func countPoll(of repository: String, seconds: Double, isFailure: Bool) {
        polls[repository, default: Polls()].all += 1
        if isFailure { polls[repository, default: Polls()].failures += 1 }
        pollSeconds.observe(seconds)
    }

    func measurements(of stacks: [StackEntry], repositories: [RepositoryEntry]) -> [Measurement] {
        var all: [Measurement] = []
        func add(
            _ name: String, _ kind: Measurement.Kind, _ help: String, _ value: Double, _ labels: [String: String] = [:]
        ) {
            all.append(Measurement(name: "plumb_" + name, kind: kind, help: help, labels: labels, value: value))
        }
        for phase in StackStatus.Phase.allCases {
            add(
                "stacks", .gauge, "Stacks of this controller by phase.",
                Double(stacks.count { $0.status.phase == phase }), ["phase": phase.rawValue])
        }
        for phase in StackStatus.Phase.allCases where phase != .pending && phase != .progressing {
            add(
                "reconciliations_total", .counter, "Reconciliations by what they came to.",
                Double(reconciliations[phase] ?? 0), ["phase": phase.rawValue])
        }
        all += seconds.measurements("plumb_reconciliation_duration_seconds", "How long reconciliations took.")
        add("healed_places_total", .counter, "Places that were set back.", Double(healed))
        add("watch_notices_total", .counter, "Changes that systems told of by themselves.", Double(notices))
        for repository in repositories {
            let name = repository.following.repository.name
            let (labels, polls) = (["repository": name], polls[name] ?? Polls())
            add("repository_polls_total", .counter, "Looks at a repository.", Double(polls.all), labels)
            add(
                "repository_poll_failures_total", .counter, "Looks at a repository that failed.",
                Double(polls.failures), labels)
            add(
                "repository_up", .gauge, "Whether the last look at a repository went well.",
                repository.problem == nil && repository.wasLookedAt ? 1 : 0, labels)
        }
        all += pollSeconds.measurements(
            "plumb_repository_poll_duration_seconds", "How long looks at repositories took.")
        for stack in stacks {
            let labels = ["stack": stack.name, "repository": stack.place.repository]
            add(
                "stack_phase", .gauge, "1 for the phase that a stack is in; it has no other.", 1,
                labels.merging(["phase": stack.status.phase.rawValue]) { first, _ in first })
            add(
                "stack_drifted_places", .gauge, "Places that have drifted and count.",
                Double(stack.status.driftCount), labels)
            add("stack_failures", .gauge, "Attempts in a row that have failed.", Double(stack.status.failures), labels)
            if let time = stack.lastSuccess {
                add(
                    "stack_last_success_timestamp_seconds", .gauge,
                    "When a stack was last found or brought to be as the specs want it, since 1970.", time, labels)
            }
        }
        return all
    }
}

extension StackEntry {
    /// Of before this controller began, what the status tells.
    fileprivate var lastSuccess: Double? {
        succeededAt ?? (status.phase == .converged ? max(status.since, status.driftCheckedAt ?? 0) : nil)
    }
}
