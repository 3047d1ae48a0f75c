internal import PlumbModel

/// What a controller counts of its own work, for Prometheus.
struct Counts: Sendable {
    var polls = 0
    var pollFailures = 0
    var notices = 0
    private var reconciliations: [StackStatus.Phase: Int] = [:]
    private var seconds = 0.0
    private var healed = 0

    mutating func count(_ result: StackJobResult, seconds: Double) {
        reconciliations[result.outcome.phase, default: 0] += 1
        self.seconds += seconds
        healed += result.healed
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
        add("reconciliation_seconds_total", .counter, "Seconds that reconciliations took.", seconds)
        add("healed_places_total", .counter, "Places that were set back.", Double(healed))
        add("watch_notices_total", .counter, "Changes that systems told of by themselves.", Double(notices))
        add("repository_polls_total", .counter, "Looks at repositories.", Double(polls))
        add("repository_poll_failures_total", .counter, "Looks at repositories that failed.", Double(pollFailures))
        for repository in repositories {
            add(
                "repository_up", .gauge, "Whether the last look at a repository went well.",
                repository.problem == nil && repository.wasLookedAt ? 1 : 0,
                ["repository": repository.following.repository.name])
        }
        for stack in stacks {
            add(
                "stack_drifted_places", .gauge, "Places that have drifted and count.",
                Double(stack.status.driftCount), ["stack": stack.name])
        }
        return all
    }
}
